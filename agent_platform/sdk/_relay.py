"""A proxy address for ordinary clients: what connects to it inside the sandbox is passed to the broker's socket, byte for byte.

Imported only by runs whose manifest declares network.
"""

from __future__ import annotations

import os
from _socket import AF_INET, AF_UNIX, SHUT_WR, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from _thread import start_new_thread
from select import POLLERR, POLLHUP, POLLIN, POLLOUT, poll

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HERE = "127.0.0.1"
MOST_CONNECTIONS = 64
PIECE_BYTES = 64 * 1024
BACKLOG = 64
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


def environment(token: str, port: int) -> dict[str, str]:
    """What ordinary clients look for. `localhost` stays inside, so that an agent can reach a server of its own."""
    address = f"http://run:{token}@{HERE}:{port}"
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
    found = dict.fromkeys(names, address) | {"NO_PROXY": "localhost", "no_proxy": "localhost"}
    if "SSL_CERT_FILE" not in os.environ and os.path.exists(CERTIFICATES):  # noqa: PTH110 - pathlib costs start-up time
        found["SSL_CERT_FILE"] = CERTIFICATES  # an interpreter may look elsewhere
    return found


def start(target: str) -> int:
    """The port on this sandbox's own loopback that leads to the broker's egress socket at `target`."""
    listener = socket(AF_INET, SOCK_STREAM)
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    listener.bind((HERE, 0))
    listener.listen(BACKLOG)
    listener.setblocking(False)
    start_new_thread(_Relay(listener, target).serve, ())
    return listener.getsockname()[1]


class _Half:
    """One direction: what was read here and is not yet written there."""

    __slots__ = ("closed", "is_broker", "mate", "pending", "polled", "source")

    def __init__(self, source: Any, *, is_broker: bool) -> None:
        self.source = source
        self.is_broker = is_broker
        self.polled = False
        self.pending = b""  # for this socket to send
        self.closed = False  # its own input has ended
        self.mate: _Half = self


class _Relay:
    """One thread for all connections: threads count against the processes of a sandbox."""

    def __init__(self, listener: Any, target: str) -> None:
        self._listener = listener
        self._target = target
        self._halves: dict[int, _Half] = {}
        self._poll = poll()
        self._poll.register(listener.fileno(), POLLIN)

    def serve(self) -> None:
        while True:
            for number, events in self._poll.poll():
                half = self._halves.get(number)
                if half is not None:
                    self._move(half, events)
                elif number == self._listener.fileno():
                    self._accept()

    def _accept(self) -> None:
        try:
            number, _ = self._listener._accept()  # noqa: SLF001 - what socket.accept is made of
        except OSError:
            return
        near, far = socket(fileno=number), socket(AF_UNIX, SOCK_STREAM)
        try:
            if len(self._halves) >= 2 * MOST_CONNECTIONS:
                raise OSError("too many connections")
            far.connect(self._target)
        except OSError:
            near.close()
            far.close()
            return
        one, other = _Half(near, is_broker=False), _Half(far, is_broker=True)
        one.mate, other.mate = other, one
        for half in (one, other):
            half.source.setblocking(False)
            self._halves[half.source.fileno()] = half
            self._want(half)

    def _move(self, half: _Half, events: int) -> None:
        try:
            if events & POLLOUT:
                self._write(half)
            if events & (POLLIN | POLLHUP | POLLERR) and not half.closed and not half.mate.pending:
                self._read(half)
        except OSError:
            self._drop(half)
            return
        if self._is_over(half) or self._is_over(half.mate):
            self._drop(half)
            return
        for one in (half, half.mate):
            self._want(one)

    def _read(self, half: _Half) -> None:
        piece = half.source.recv(PIECE_BYTES)
        if not piece:
            half.closed = True
            half.mate.source.shutdown(SHUT_WR)
            return
        half.mate.pending = piece
        self._write(half.mate)

    def _write(self, half: _Half) -> None:
        try:
            sent = half.source.send(half.pending)
        except BlockingIOError:
            return
        half.pending = half.pending[sent:]

    def _is_over(self, half: _Half) -> bool:
        """The broker has hung up and all it said is delivered."""
        return half.is_broker and half.closed and not half.mate.pending

    def _want(self, half: _Half) -> None:
        """Nothing is read while the other side has not taken what was read before."""
        wanted = (POLLOUT if half.pending else 0) | (0 if half.closed or half.mate.pending else POLLIN)
        if wanted:
            self._poll.register(half.source.fileno(), wanted)
        elif half.polled:  # a socket that hung up would be reported for ever
            self._poll.unregister(half.source.fileno())
        half.polled = bool(wanted)

    def _drop(self, half: _Half) -> None:
        for one in (half, half.mate):
            number = one.source.fileno()
            if self._halves.pop(number, None) is not None:
                if one.polled:
                    self._poll.unregister(number)
                one.source.close()
