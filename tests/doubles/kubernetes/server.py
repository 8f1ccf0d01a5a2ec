"""The API server: paths to objects over real HTTP on loopback, with the answers of the real one."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.doubles.kubernetes.faults import Faults
from tests.doubles.kubernetes.patches import patched
from tests.doubles.kubernetes.role import shipped_role, verb_of
from tests.doubles.kubernetes.selectors import matches
from tests.doubles.kubernetes.store import CLUSTER_WIDE, ApiError, Event, Manifest, Store

GROUPS = {
    "/api/v1": {"namespaces", "pods", "secrets", "events", "serviceaccounts", "resourcequotas", "limitranges"},
    "/apis/batch/v1": {"jobs"},
    "/apis/networking.k8s.io/v1": {"networkpolicies"},
    "/apis/node.k8s.io/v1": {"runtimeclasses"},
}
# Who may do what: None is everything.
TOKEN, OPERATOR = "the-token-of-the-platform", "the-token-of-the-operator"
RIGHTS = {TOKEN: shipped_role(), OPERATOR: None}
EXPIRED = "The resourceVersion for the provided watch is too old."


class ApiServer:
    """`read_log(pod, query)` gives the pieces of a pod's log. `beyond_role`: what the platform asked and may not. `stop` hangs up on everybody; `start` takes the same port."""

    def __init__(self, store: Store, read_log: Callable[[Manifest, dict[str, str]], Iterator[bytes]]) -> None:
        self.store = store
        self.faults = Faults()
        self.beyond_role: list[str] = []
        self.read_log = read_log
        self.port = 0
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), self)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self.hang_up()
            self._server.server_close()
            self._server = None

    def hang_up(self, *, watches_only: bool = False) -> None:
        for handler in list(self._server.open):
            if handler.watching or not watches_only:
                handler.close_now()

    @property
    def watches(self) -> int:
        return sum(handler.watching for handler in list(self._server.open))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], api: ApiServer) -> None:
        self.api = api
        self.open: set[_Handler] = set()
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of the test."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    watching = False

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self)

    def finish(self) -> None:
        self.server.open.discard(self)
        super().finish()

    def close_now(self) -> None:
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return

    def do_GET(self) -> None:
        api, where = self.server.api, urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"null")
        api.faults.requests.append((self.command, self.path))
        if api.faults.down:
            self.close_connection = True
            return
        try:
            if api.faults.busy_for in self.path and api.faults.takes("too_many"):
                raise ApiError(
                    429, "TooManyRequests", "too many requests, please try again later", api.faults.retry_after
                )
            if (self.headers.get("Authorization") or "").removeprefix("Bearer ") not in RIGHTS:
                raise ApiError(401, "Unauthorized", "Unauthorized")
            self._answer(where.path, dict(parse_qsl(where.query)), body)
        except ApiError as error:
            self._send(error.status, _status(error), error.retry_after)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that http.server looks for

    def _answer(self, path: str, query: dict[str, str], body: Any) -> None:
        kind, namespace, name, rest = _parsed(path)
        self._refuse_beyond_role(f"{kind}/{rest}" if rest else kind, name, watch=query.get("watch") == "true")
        store = self.server.api.store
        if rest == "log":
            self._log(store.get("pods", namespace, name), query)
        elif self.command == "GET" and query.get("watch") == "true":
            self._watch(kind, namespace, query)
        elif self.command == "GET" and not name:
            self._send(200, _page(store, kind, namespace, query))
        elif self.command == "GET":
            self._send(200, store.get(kind, namespace, name))
        else:
            code, done = self._write(kind, namespace, name, body)
            if self.server.api.faults.takes("lost_answers"):
                self.close_connection = True
                return
            self._send(code, done)

    def _refuse_beyond_role(self, what: str, name: str, *, watch: bool) -> None:
        rights = RIGHTS[self.headers["Authorization"].removeprefix("Bearer ")]
        verb = verb_of(self.command, name=name, watch=watch)
        if rights is not None and (verb, what) not in rights:
            told = f'{what} is forbidden: User "platform" cannot {verb} resource "{what}"'
            self.server.api.beyond_role.append(told)
            raise ApiError(403, "Forbidden", told)

    def _write(self, kind: str, namespace: str, name: str, body: Any) -> tuple[int, Manifest]:
        store = self.server.api.store
        if self.command == "POST":
            return 201, store.create(kind, _stored(kind, body))
        if self.command == "DELETE":
            return 200, store.delete(kind, namespace, name, body or {})
        media_type = self.headers["Content-Type"]
        with store.lock:
            if media_type == "application/apply-patch+yaml" and store.find(kind, namespace, name) is None:
                return 201, store.create(kind, body)
            return 200, store.update(kind, namespace, name, lambda thing: patched(thing, body, media_type))

    def _watch(self, kind: str, namespace: str, query: dict[str, str]) -> None:
        api = self.server.api
        store, faults = api.store, api.faults
        version = int(query["resourceVersion"])
        if faults.refuse_watches:
            raise ApiError(403, "Forbidden", f'{kind} is forbidden: User "platform" cannot watch resource "{kind}"')
        if version < store.oldest and faults.gone_by_status:
            faults.expired_told += 1
            raise ApiError(410, "Expired", EXPIRED)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.watching = True
        try:
            self._stream(kind, namespace, query, version)
        finally:
            self.watching = False

    def _stream(self, kind: str, namespace: str, query: dict[str, str], version: int) -> None:
        api = self.server.api
        store, faults = api.store, api.faults
        end_at = time.monotonic() + float(query.get("timeoutSeconds", 1800))
        bookmark_at = time.monotonic() + faults.bookmark_seconds
        while time.monotonic() < end_at or faults.frozen:
            with store.lock:
                if version < store.oldest and not faults.frozen:
                    faults.expired_told += 1
                    self._event("ERROR", _status(ApiError(410, "Expired", EXPIRED)))
                    break
                events = store.since(version)
                if not events or faults.frozen:
                    store.changed.wait(0.05)
            if faults.frozen:
                continue
            for event in events:
                version = event.version
                self._tell(event, kind, namespace, query.get("labelSelector", ""))
            if time.monotonic() > bookmark_at and query.get("allowWatchBookmarks") == "true":
                bookmark_at = time.monotonic() + faults.bookmark_seconds
                self._event("BOOKMARK", {"kind": "Bookmark", "metadata": {"resourceVersion": str(version)}})
        self.wfile.write(b"0\r\n\r\n")

    def _tell(self, event: Event, kind: str, namespace: str, labels: str) -> None:
        place = event.thing["metadata"].get("namespace", "")
        if event.kind != kind or namespace not in {"", place}:
            return
        fits, did_fit = matches(event.thing, labels), bool(event.before) and matches(event.before, labels)
        if not (fits or did_fit) or self.server.api.faults.swallows(event):
            return
        # An object that leaves the selection is told as deleted, one that enters it as added.
        type_ = event.type if fits and (did_fit or event.type == "ADDED") else ("ADDED" if fits else "DELETED")
        for _ in range(2 if self.server.api.faults.duplicate else 1):
            self._event(type_, event.thing)

    def _event(self, type_: str, thing: Manifest) -> None:
        self._chunk(json.dumps({"type": type_, "object": thing}).encode() + b"\n")

    def _log(self, pod: Manifest, query: dict[str, str]) -> None:
        states = [one.get("state", {}) for one in pod.get("status", {}).get("containerStatuses", [])]
        if not any({"running", "terminated"} & state.keys() for state in states):
            raise ApiError(
                400, "BadRequest", f'container "agent" in pod "{pod["metadata"]["name"]}" is waiting to start'
            )
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in self.server.api.read_log(pod, query):
            self._chunk(piece)
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, content: bytes) -> None:
        if content:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))

    def _send(self, code: int, answer: Manifest, retry_after: str = "") -> None:
        content = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(content)


def _parsed(path: str) -> tuple[str, str, str, str]:
    """Kind, namespace, name, sub-resource."""
    for group, kinds in GROUPS.items():
        if path.startswith(f"{group}/"):
            parts = path.removeprefix(f"{group}/").split("/")
            namespace = ""
            if parts[0] == "namespaces" and len(parts) > 2:
                namespace, parts = parts[1], parts[2:]
            if parts[0] in kinds:
                return parts[0], namespace, parts[1] if len(parts) > 1 else "", parts[2] if len(parts) > 2 else ""
    raise ApiError(404, "NotFound", "the server could not find the requested resource")


def _page(store: Store, kind: str, namespace: str, query: dict[str, str]) -> Manifest:
    things, version = store.every(kind, namespace, query.get("labelSelector", ""), query.get("fieldSelector", ""))
    first = 0
    if token := query.get("continue"):
        listed_at, first = json.loads(base64.b64decode(token))
        if listed_at < store.oldest:
            raise ApiError(410, "Expired", "The provided continue parameter is too old")
    limit = int(query.get("limit") or 0) or len(things) or 1
    metadata: Manifest = {"resourceVersion": str(version)}
    if first + limit < len(things):
        metadata["continue"] = base64.b64encode(json.dumps([version, first + limit]).encode()).decode()
    return {"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": things[first : first + limit]}


def _stored(kind: str, body: Manifest) -> Manifest:
    if kind in CLUSTER_WIDE:
        body["metadata"].pop("namespace", None)
    return body


def _status(error: ApiError) -> Manifest:
    told = {"status": "Failure", "message": error.message, "reason": error.reason, "code": error.status}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}} | told
