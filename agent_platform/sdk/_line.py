"""One connection to the broker, and the answers read from it."""

from __future__ import annotations

import io
from _socket import (  # the modules on top of these cost 9 ms and serve nothing here
    AF_UNIX,
    IPPROTO_TCP,
    SOCK_STREAM,
    TCP_NODELAY,
    getaddrinfo,
    socket,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ANSWER_SECONDS = 30.0
MAX_HEADERS = 100
MAX_LINE_BYTES = 16 * 1024
RECEIVE_BYTES = 64 * 1024


class Line:
    """One connection; `answer` hands out the body of one response as a raw stream."""

    def __init__(self, address: str | tuple[str, int], seconds: float = ANSWER_SECONDS) -> None:
        family, place = (AF_UNIX, address) if isinstance(address, str) else resolved(*address)
        self._socket = socket(family, SOCK_STREAM)
        self._socket.settimeout(seconds)
        self.headers: dict[bytes, bytes] = {}
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

    def answer(self) -> tuple[int, Body]:
        status_line = self.readline()
        try:
            status = int(status_line.split(b" ", 2)[1])
        except (IndexError, ValueError):
            raise ConnectionResetError("The broker closed the connection without an answer.") from None
        headers = self.headers = self._headers()
        self.reusable = headers.get(b"connection", b"").lower() != b"close"
        chunked = headers.get(b"transfer-encoding", b"").lower() == b"chunked"
        length = None if chunked else headers.get(b"content-length")
        if status in {204, 304}:
            length = b"0"
        if length is None and not chunked:
            self.reusable = False
        return status, Body(self, None if length is None else int(length), chunked)

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


class Body(io.RawIOBase):
    """The bytes of one response: by length, in chunks, or to the end of the connection; closing closes what it owns."""

    owned: Line | None = None

    def __init__(self, line: Line, left: int | None, chunked: bool) -> None:
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


def resolved(host: str, port: int) -> tuple[int, Any]:
    family, _, _, _, place = getaddrinfo(host, port, 0, SOCK_STREAM)[0]
    return family, place
