"""HTTP/1.1 to the broker, on its unix socket or over TCP, small enough to cost a sandbox no start-up time."""

from __future__ import annotations

import io
import time
from _socket import (  # the modules on top of these cost 9 ms and serve nothing here
    AF_UNIX,
    IPPROTO_TCP,
    SOCK_STREAM,
    TCP_NODELAY,
    getaddrinfo,
    socket,
)
from _thread import allocate_lock

from agent_platform.sdk import _wire
from agent_platform.sdk._errors import AgentError, AttemptOver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO, Protocol

    class Broker(Protocol):
        def request(self, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]: ...
        def stream(self, target: str) -> tuple[int, BinaryIO]: ...
        def upload(self, target: str, source: BinaryIO, size: int, media_type: str) -> tuple[int, bytes]: ...


GIVE_UP_SECONDS = 25.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0
ANSWER_SECONDS = 30.0
COPY_BYTES = 256 * 1024
MAX_HEADERS = 100
MAX_LINE_BYTES = 16 * 1024
RECEIVE_BYTES = 64 * 1024
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def quoted(text: str) -> str:
    """Safe as one segment or value of a URL; `.` and `..` are escaped too, so they name keys and never folders."""
    raw = text.encode("utf-8", "replace")
    if not raw.strip(b"."):
        return "%2E" * len(raw)
    return "".join(chr(byte) if byte in UNRESERVED else f"%{byte:02X}" for byte in raw)


def refusal(status: int, body: bytes) -> AgentError:
    """The broker's problem document as the error that the agent's author should read."""
    try:
        problem = _wire.parse(body)
        return AgentError(str(problem.get("detail") or problem.get("title")), code=str(problem.get("code", "refused")))
    except (ValueError, AttributeError):
        return AgentError(f"The platform refused the call with status {status}.", code="refused")


def _address_of(endpoint: str) -> str | tuple[str, int]:
    """A socket's path, or host and port. Raises: ValueError."""
    if endpoint.startswith("http://"):
        place = endpoint[len("http://") :].rstrip("/")
        host, colon, port = place.rpartition(":")
        if place.endswith("]") or not colon:
            host, port = place, "80"
        if not host or not port.isdigit() or "/" in place or "@" in place:
            raise ValueError(f"The broker's address must be http://host:port, not {endpoint!r}.")
        return host.strip("[]"), int(port)
    return endpoint.removeprefix("unix://")


def _resolved(host: str, port: int) -> tuple[int, Any]:
    family, _, _, _, place = getaddrinfo(host, port, 0, SOCK_STREAM)[0]
    return family, place


class Door:
    """One kept-alive connection for calls, one more per open stream. Safe for threads.

    `endpoint`: the path of a unix socket, `unix:///path` or `http://host:port`.
    A broker that is away or restarting is tried again for 25 seconds: every call is idempotent.
    Raises: AttemptOver when the token is dead or the broker stayed away.
    """

    def __init__(self, endpoint: str, token: str) -> None:
        self._address = _address_of(endpoint)
        self._host = "broker" if isinstance(self._address, str) else endpoint.split("/")[2]
        self._authorization = f"Authorization: Bearer {token}\r\n"
        self._lock = allocate_lock()
        self._line: _Line | None = None

    def request(self, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]:
        kind = "Content-Type: application/json\r\n" if body else ""
        head = self._head(method, target, f"{kind}Content-Length: {len(body)}\r\n")
        with self._lock:
            return self._until_answered(lambda: self._on_kept_line(head, body))

    def stream(self, target: str) -> tuple[int, BinaryIO]:
        head = self._head("GET", target, "Content-Length: 0\r\n")
        return self._until_answered(lambda: self._opened(head))

    def upload(self, target: str, source: BinaryIO, size: int, media_type: str) -> tuple[int, bytes]:
        kind = media_type.replace("\r", "").replace("\n", "")
        head = self._head("PUT", target, f"Content-Type: {kind}\r\nContent-Length: {size}\r\n")
        return self._until_answered(lambda: self._uploaded(head, source))

    def close(self) -> None:
        """The kept connection is closed; the next call opens another."""
        with self._lock:
            if self._line:
                self._line.close()
                self._line = None

    def _head(self, method: str, target: str, more: str) -> bytes:
        return f"{method} {target} HTTP/1.1\r\nHost: {self._host}\r\n{self._authorization}{more}\r\n".encode()

    def _until_answered(self, attempt: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
        give_up_at = time.monotonic() + GIVE_UP_SECONDS
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                status, answer = attempt()
            except OSError as error:
                status, answer = 0, error
            if status == 401:
                raise AttemptOver("The run token is no longer valid.")
            if status and status < 500 and status != 429:
                return status, answer
            if time.monotonic() + pause > give_up_at:
                raise AttemptOver(
                    f"The broker did not answer for {GIVE_UP_SECONDS:.0f} seconds (last: {status or answer!r})."
                )
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _on_kept_line(self, head: bytes, body: bytes) -> tuple[int, bytes]:
        fresh = self._line is None
        line = self._line or _Line(self._address)
        self._line = None  # whatever interrupts us, a half-read connection is never used again
        try:
            line.send(head + body)
            status, reader = line.answer()
            content = reader.read()
        except OSError:
            line.close()
            if fresh:
                raise
            # The broker may close an idle connection at any time: that is no failure, a new one decides.
            return self._on_kept_line(head, body)
        except BaseException:
            line.close()
            raise
        if line.reusable:
            self._line = line
        else:
            line.close()
        return status, content

    def _opened(self, head: bytes) -> tuple[int, BinaryIO]:
        line = _Line(self._address)
        try:
            line.send(head)
            status, reader = line.answer()
        except BaseException:
            line.close()
            raise
        reader.owned = line
        return status, io.BufferedReader(reader, COPY_BYTES)  # type: ignore[return-value]

    def _uploaded(self, head: bytes, source: BinaryIO) -> tuple[int, bytes]:
        source.seek(0)
        line = _Line(self._address)
        try:
            line.send(head)
            while chunk := source.read(COPY_BYTES):
                line.send(chunk)
            status, reader = line.answer()
            return status, reader.read()
        finally:
            line.close()


class _Line:
    """One connection; `answer` hands out the body of one response as a raw stream."""

    def __init__(self, address: str | tuple[str, int]) -> None:
        family, place = (AF_UNIX, address) if isinstance(address, str) else _resolved(*address)
        self._socket = socket(family, SOCK_STREAM)
        self._socket.settimeout(ANSWER_SECONDS)
        self.reusable = True
        try:
            if family != AF_UNIX:
                self._socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            self._socket.connect(place)
        except BaseException:
            self._socket.close()
            raise
        self._unread = b""

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def close(self) -> None:
        self._socket.close()

    def answer(self) -> tuple[int, _Body]:
        status_line = self.readline()
        try:
            status = int(status_line.split(b" ", 2)[1])
        except (IndexError, ValueError):
            raise ConnectionResetError("The broker closed the connection without an answer.") from None
        headers = self._headers()
        self.reusable = headers.get(b"connection", b"").lower() != b"close"
        chunked = headers.get(b"transfer-encoding", b"").lower() == b"chunked"
        length = None if chunked else headers.get(b"content-length")
        if status in {204, 304}:
            length = b"0"
        if length is None and not chunked:
            self.reusable = False
        return status, _Body(self, None if length is None else int(length), chunked)

    def readline(self) -> bytes:
        """Up to and with the next line feed; shorter only at the end of the connection."""
        while b"\n" not in self._unread and len(self._unread) <= MAX_LINE_BYTES:
            piece = self._socket.recv(RECEIVE_BYTES)
            if not piece:
                break
            self._unread += piece
        line, feed, self._unread = self._unread.partition(b"\n")
        return line + feed

    def readinto(self, view: memoryview) -> int:
        """Some bytes, as many as are there; 0 at the end of the connection."""
        if not self._unread:
            return self._socket.recv_into(view)
        count = min(len(view), len(self._unread))
        view[:count] = self._unread[:count]
        self._unread = self._unread[count:]
        return count

    def _headers(self) -> dict[bytes, bytes]:
        headers: dict[bytes, bytes] = {}
        for _ in range(MAX_HEADERS):
            line = self.readline()
            if line == b"\r\n":
                return headers
            name, colon, value = line.partition(b":")
            if not colon:
                break
            headers[name.strip().lower()] = value.strip()
        raise ConnectionResetError("The broker's answer ended within its headers.")


class _Body(io.RawIOBase):
    """The bytes of one response: by length, in chunks, or to the end of the connection; closing closes what it owns."""

    owned: _Line | None = None

    def __init__(self, line: _Line, left: int | None, chunked: bool) -> None:
        self._line = line
        self._left = left
        self._chunked = chunked
        if chunked:
            self._left = self._next_chunk()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left == 0:
            return 0
        view = memoryview(buffer)[: self._left]
        count = self._line.readinto(view)
        if self._left is None:
            return count
        if not count:
            raise ConnectionResetError("The broker's answer ended before its end.")
        self._left -= count
        if self._chunked and not self._left:
            self._line.readline()
            self._left = self._next_chunk()
        return count

    def read(self, size: int = -1) -> bytes:
        if size >= 0:
            return super().read(size) or b""
        return self.readall()

    def close(self) -> None:
        if self.owned is not None:
            self.owned.close()
        super().close()

    def _next_chunk(self) -> int:
        size = int(self._line.readline().split(b";")[0] or b"0", 16)
        if not size:
            while self._line.readline() not in {b"\r\n", b""}:
                continue
        return size
