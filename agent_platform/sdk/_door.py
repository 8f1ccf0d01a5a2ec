"""HTTP/1.1 to the broker, on its unix socket or over TCP, small enough to cost a sandbox no start-up time."""

from __future__ import annotations

import io
import time
from _thread import allocate_lock

from agent_platform.sdk import _wire
from agent_platform.sdk._errors import AgentError, AttemptOver, UpstreamError
from agent_platform.sdk._line import ANSWER_SECONDS, Line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO, Protocol

    class Broker(Protocol):
        def request(self, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]: ...
        def stream(self, target: str) -> tuple[int, BinaryIO]: ...
        def exchange(self, target: str, body: bytes, seconds: float) -> tuple[int, dict[bytes, bytes], BinaryIO]: ...
        def upload(self, target: str, source: BinaryIO, size: int, media_type: str) -> tuple[int, bytes]: ...


GIVE_UP_SECONDS = 25.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0
COPY_BYTES = 256 * 1024
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


def address_of(endpoint: str) -> str | tuple[str, int]:
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


class Door:
    """One kept-alive connection for calls, one more per open stream. Safe for threads.

    `endpoint`: the path of a unix socket, `unix:///path` or `http://host:port`.
    A broker that is away or restarting is tried again for 25 seconds: every call is idempotent.
    Raises: AttemptOver when the token is dead or the broker stayed away.
    """

    def __init__(self, endpoint: str, token: str) -> None:
        self._address = address_of(endpoint)
        self._host = "broker" if isinstance(self._address, str) else endpoint.split("/")[2]
        self._authorization = f"Authorization: Bearer {token}\r\n"
        self._lock = allocate_lock()
        self._line: Line | None = None

    def request(self, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]:
        kind = "Content-Type: application/json\r\n" if body else ""
        head = self._head(method, target, f"{kind}Content-Length: {len(body)}\r\n")
        with self._lock:
            return self._until_answered(lambda: self._on_kept_line(head, body))

    def stream(self, target: str) -> tuple[int, BinaryIO]:
        head = self._head("GET", target, "Content-Length: 0\r\n")
        return self._until_answered(lambda: self._opened(head))

    def exchange(self, target: str, body: bytes, seconds: float) -> tuple[int, dict[bytes, bytes], BinaryIO]:
        """Status, headers and body of a POST that may have an effect outside: made again only where it cannot have begun.

        Raises: AttemptOver; UpstreamError when the broker went away in the middle.
        """
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        head = self._head("POST", target, kind)
        return self._until_answered(lambda: self._exchanged(head, body, seconds))[1]

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
        line = self._line or Line(self._address)
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
        line = Line(self._address)
        try:
            line.send(head)
            status, reader = line.answer()
        except BaseException:
            line.close()
            raise
        reader.owned = line
        return status, io.BufferedReader(reader, COPY_BYTES)  # type: ignore[return-value]

    def _exchanged(self, head: bytes, body: bytes, seconds: float) -> tuple[int, Any]:
        line = Line(self._address, seconds + ANSWER_SECONDS)
        try:
            line.send(head + body)
            status, reader = line.answer()
        except OSError as error:
            line.close()
            raise UpstreamError(
                f"The broker went away in the middle; the request may have been made ({error})."
            ) from error
        except BaseException:
            line.close()
            raise
        reader.owned = line
        # Any other failure may have come after the request was made: it is told and not repeated.
        repeats = status in {401, 429, 503}
        return status if repeats else 200, (status, line.headers, io.BufferedReader(reader, COPY_BYTES))

    def _uploaded(self, head: bytes, source: BinaryIO) -> tuple[int, bytes]:
        source.seek(0)
        line = Line(self._address)
        try:
            line.send(head)
            while chunk := source.read(COPY_BYTES):
                line.send(chunk)
            status, reader = line.answer()
            return status, reader.read()
        finally:
            line.close()
