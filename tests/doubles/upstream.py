"""An outside service on loopback that counts its connections; with a certificate of its own where asked."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BIG = 40 * 1_048_576


class Upstream(ThreadingHTTPServer):
    """`seen`: (method, path, headers, body) of every request; `connections`: how many were opened, heard or not."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[Any, Any]:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no error of the test."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers), body))
        if self.path.startswith("/to/"):
            self._answer(302, b"", location=self.path.removeprefix("/to/"))
        elif self.path == "/loop":
            self._answer(307, b"", location="/loop")
        elif self.path == "/slow":
            self.server.released.wait(30)
            self._answer(200, b"late")
        elif self.path == "/big":
            self._big()
        elif self.path == "/torn":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")
            self.close_connection = True
        elif self.path == "/echo":
            self._answer(201, body, extra="yes")
        elif self.path == "/secret":
            self._answer(401, b"who are you")
        else:
            self._answer(200, b"hello")

    do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_GET  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _answer(self, status: int, body: bytes, *, location: str = "", extra: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "keep-alive, X-Hop")
        self.send_header("X-Hop", "1")
        if location:
            self.send_header("Location", location)
        if extra:
            self.send_header("X-Extra", extra)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _big(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        piece = b"x" * 65_536
        for _ in range(BIG // len(piece)):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Upstream]:
    server = Upstream()
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
