"""A proxy on loopback that answers CONNECT like the broker's, and leads every host to servers of the test."""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE_BYTES = 65_536
TOKEN = "the-token"


class Tunnel:
    """`leads` maps host and port, as asked for, to a port of loopback, or to the sentence of a refusal; `asked` are the requests."""

    def __init__(self, leads: dict[str, int | str]) -> None:
        self.leads = leads
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def address(self) -> str:
        return f"http://run:{TOKEN}@127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(near,), daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _answer(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += near.recv(1) or b"\r\n\r\n"
            first, *lines = head.decode().split("\r\n")
            secret = base64.b64encode(f"run:{TOKEN}".encode()).decode()
            place = first.split(" ")[1]
            self.asked.append(place)
            lead = self.leads.get(place, f"{place.rpartition(':')[0]} could not be reached.")
            if f"Proxy-Authorization: Basic {secret}" not in lines:
                near.sendall(b"HTTP/1.1 407 Who are you\r\n\r\n")
            elif isinstance(lead, str):
                near.sendall(f"HTTP/1.1 502 {lead}\r\n\r\n".encode())
            else:
                with socket.create_connection(("127.0.0.1", lead)) as far:
                    near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    back = threading.Thread(target=_pour, args=(far, near), daemon=True)
                    back.start()
                    _pour(near, far)
                    back.join()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE_BYTES):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def tunnelling(leads: dict[str, int | str]) -> Iterator[Tunnel]:
    tunnel = Tunnel(leads)
    thread = threading.Thread(target=tunnel.serve, daemon=True)
    thread.start()
    try:
        yield tunnel
    finally:
        tunnel.close()
        thread.join()
