"""The broker's side of the runtime protocol over a real unix socket or TCP; remembers all that sandboxes said."""

import hashlib
import io
import json
import socketserver
import threading
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@dataclass
class Work:
    """What one token stands for, and what was heard from it."""

    bundle: bytes
    entry: str = "main:go"
    kind: str = "run"
    input: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    digest: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    heard: dict[int, dict[str, Any]] = field(default_factory=dict)
    batches: list[list[int]] = field(default_factory=list)
    kv: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    dead: bool = False

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for _, event in sorted(self.heard.items()) if event["type"] == kind]

    @property
    def result(self) -> Any:
        return self.events("result")[-1]["value"]

    @property
    def error(self) -> dict[str, Any]:
        return self.events("error")[-1]

    @property
    def said(self) -> list[str]:
        return [event["text"] for event in self.events("log")]


class AgentBroker:
    """`works`: token -> Work. `stop` and `start` behave as a restart: the same path, a new socket.

    `tcp`: a port on loopback instead, the same after a restart; `endpoint` is what a sandbox is told.
    """

    def __init__(self, folder: Path, *, tcp: bool = False) -> None:
        self.tcp = tcp
        self.port = 0
        self.folder = folder
        self.path = folder / "broker.sock"
        self.works: dict[str, Work] = {}
        self.unknown: list[str] = []
        self.outages: dict[str, int] = defaultdict(int)
        self._server: _Server | _TcpServer | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}" if self.tcp else str(self.path)

    def start(self) -> None:
        if self.tcp:
            self._server = _TcpServer(("127.0.0.1", self.port), self)
            self.port = self._server.server_address[1]
        else:
            self.path.unlink(missing_ok=True)
            self._server = _Server(str(self.path), self)
            self.path.chmod(0o666)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.hang_up()
            self._server.server_close()
            self._server = None
        self.path.unlink(missing_ok=True)


class _Hearing(socketserver.ThreadingMixIn):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, place: Any, broker: AgentBroker) -> None:
        self.broker = broker
        self.open: set[Any] = set()
        super().__init__(place, _Handler)

    def hang_up(self) -> None:
        for connection in list(self.open):
            connection.close_now()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sandbox that was killed in mid-request is no error of the test."""


class _Server(_Hearing, socketserver.UnixStreamServer):
    pass


class _TcpServer(_Hearing, socketserver.TCPServer):
    pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self)

    def finish(self) -> None:
        self.server.open.discard(self)
        super().finish()

    def close_now(self) -> None:
        import socket

        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return

    def address_string(self) -> str:
        return "sandbox"

    def do_GET(self) -> None:
        self._handle()

    do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the names that http.server looks for

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        broker = self.server.broker
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        work = broker.works.get(token)
        where = urlsplit(self.path)
        door, _, name = where.path.removeprefix("/runtime/v1/").partition("/")
        if broker.outages[door]:
            broker.outages[door] -= 1
            self._send(503, b'{"code":"unavailable"}')
        elif work is None or work.dead:
            broker.unknown.append(self.path)
            self._send(401, b'{"code":"token_dead","detail":"over"}')
        else:
            getattr(self, f"_{door}")(work, unquote(name), body, parse_qs(where.query, keep_blank_values=True))

    def _input(self, work: Work, *_: Any) -> None:
        digest = work.digest or hashlib.sha256(work.bundle).hexdigest()
        self._json(
            {
                "run_id": "the-run",
                "attempt": 1,
                "kind": work.kind,
                "entry": work.entry,
                "bundle_digest": digest,
                "input": work.input,
                "env": work.env,
                "subject": "consumer-1",
                "dry_run": False,
                "cap_micro_usd": 1_000_000,
                "spent_micro_usd": 5,
                "deadline": "2099-01-01T00:00:00Z",
                "files": [],
                "file_fields": {},
            }
        )

    def _bundle(self, work: Work, *_: Any) -> None:
        self._send(200, work.bundle, "application/zip")

    def _events(self, work: Work, _: str, body: bytes, __: Any) -> None:
        batch = json.loads(body)["events"]
        work.batches.append([event["seq"] for event in batch])
        for event in batch:
            if event["type"] in work.refuse:
                self._send(422, json.dumps({"code": "refused", "detail": work.refuse[event["type"]]}).encode())
                return
        outcomes = {}
        for event in batch:
            work.heard.setdefault(event["seq"], event)
            count = len(event["items"]) if event["type"] == "items" else event.get("count", 0)
            outcomes[str(event["seq"])] = {"accepted": count, "dropped": 0, "cap_reached": False}
        answer = {"ack": batch[-1]["seq"], "outcomes": outcomes, "spent_micro_usd": 7, "cap_micro_usd": 1_000_000}
        self._json(answer | {"cap_reached": False, "stop": None} | work.answer)

    def _kv(self, work: Work, name: str, body: bytes, query: dict[str, list[str]]) -> None:
        self._store(work.kv, name, body, query)

    def _state(self, work: Work, name: str, body: bytes, query: dict[str, list[str]]) -> None:
        self._store(work.state, name, body, query)

    def _store(self, values: dict[str, Any], name: str, body: bytes, query: dict[str, list[str]]) -> None:
        if "version" in query:
            self._versioned(values, name, body, query["version"][0])
        elif not name:
            prefix = query.get("prefix", [""])[0]
            self._json({"keys": sorted(key for key in values if key.startswith(prefix))})
        elif self.command == "PUT":
            values[name] = json.loads(body)
            self._send(204, b"")
        elif self.command == "DELETE":
            values.pop(name, None)
            self._send(204, b"")
        elif name in values:
            self._json(values[name])
        else:
            self._send(404, b'{"code":"not_found","detail":"none"}')

    def _versioned(self, values: dict[str, Any], name: str, body: bytes, version: str) -> None:
        """Each value that is there has version 1."""
        if self.command == "GET":
            self._json({"value": values.get(name), "version": int(name in values)})
        elif int(version) != int(name in values):
            self._send(409, b'{"code":"state_conflict","detail":"none"}')
        else:
            values[name] = json.loads(body)
            self._send(204, b"")

    def _files(self, work: Work, name: str, body: bytes, _: Any) -> None:
        if self.command == "PUT":
            work.files[name] = body
            self._json({"name": name, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()})
        elif name in work.files:
            self._chunked(work.files[name])
        else:
            self._send(404, b'{"code":"not_found","detail":"none"}')

    def _json(self, answer: Any) -> None:
        self._send(200, json.dumps(answer).encode())

    def _chunked(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(content), 50_000):
            piece = content[at : at + 50_000]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)
