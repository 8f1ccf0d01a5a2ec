"""The outermost ASGI layer: nothing reaches the application, and nothing leaves it, but through here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_platform.core.errors import AppError
from agent_platform.core.floods import Bucket
from agent_platform.core.ids import new_id
from agent_platform.core.settings import Settings
from agent_platform.core.visit import Visit, place_of
from agent_platform.edge.bodies import CountedBody, body_limit, is_upload, refuse_long_body, too_large
from agent_platform.edge.headers import SecurityHeaders
from agent_platform.edge.hosts import Host, Hosts, Moved
from agent_platform.edge.origin import is_own_origin, needs_origin
from agent_platform.edge.paths import Paths, is_written_wrong
from agent_platform.edge.refusals import Notation, Refusal, answer
from agent_platform.edge.sockets import RETRY, Sockets
from agent_platform.state.callers import visitor_of

log = structlog.get_logger()
PROBES = frozenset({"/healthz", "/readyz", "/ping"})  # asked by address, not by name
# The framework's own upload acts in whichever tab the request names, and shows files to everybody; ours is `/uploads`.
CLOSED = ("/_upload",)
API = "/v1/"
LONGEST_QUERY = 8_192  # bytes; the longest of ours is a sign-in that leads back to a path of 2,000 characters


class Edge:
    """Request id, host, rates, Origin, body size on the way in; headers and refusals on the way out."""

    def __init__(self, app: ASGIApp, settings: Settings, built: Path) -> None:
        self.app = app
        self.settings = settings
        self.hosts = Hosts(settings)
        self.headers = SecurityHeaders(settings, built)
        self.paths = Paths(built)
        self.sockets = Sockets()
        self.requests = Bucket(100, 400)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        request_id = new_id().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await _Exchange(self, scope, receive, send, request_id).serve()


class _Exchange:
    """One request, or one socket."""

    def __init__(self, edge: Edge, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        self.edge = edge
        self.scope = dict(scope)
        self.receive = receive
        self._send = send
        self.request_id = request_id
        self.headers = dict(scope["headers"])
        self.path: str = scope["path"]
        self.started = False
        self.body: CountedBody | None = None

    async def serve(self) -> None:
        try:
            await self._serve()
        except Refusal as refusal:
            await self._refuse(refusal)
        except Exception as error:  # noqa: BLE001  # the last place that can answer
            if self.body is not None and self.body.passed:
                await self._refuse(too_large(body_limit(self.path)))
            else:
                await self._fail(error)

    async def _serve(self) -> None:
        if self.edge.requests.take(place_of(self._address())):  # before the host, whose look-up asks the database
            raise Refusal(429, "Too many requests from your address. Try again in a few seconds.", headers=RETRY)
        if len(self.scope["query_string"]) > LONGEST_QUERY:
            raise Refusal(414, f"What follows the ? of an address may have {LONGEST_QUERY:,} bytes. Shorten it.")
        host = await self._host()
        self._introduce(host)
        if self.path.startswith(CLOSED) or is_written_wrong(self.path):
            raise Refusal(404, "There is nothing at this address.")
        if self.scope["type"] == "websocket":
            self._require_own_origin(host)
            await self.edge.sockets.serve(self.edge.app, self.scope, self.receive, self.send)
            return
        if needs_origin(self.scope["method"], self.path):
            self._require_own_origin(host)
        limit = body_limit(self.path)
        refuse_long_body(self.headers, limit)
        self.body = CountedBody(self.receive, limit)
        await self.edge.app(self.scope, self.body, self.send)

    async def _host(self) -> Host:
        named = [value for name, value in self.scope["headers"] if name == b"host"]
        if self.path in PROBES and self.scope["type"] == "http":
            return Host(self.edge.settings.base_netloc)
        if len(named) != 1:
            raise Refusal(400, "The Host header of this request is malformed.")
        try:
            return await self.edge.hosts.of(named[0].decode("latin-1"))
        except Moved as moved:
            query = self.scope["query_string"]
            target = self.scope.get("raw_path") or self.path.encode()
            location = moved.origin.encode() + b"/" + target.lstrip(b"/") + (b"?" + query if query else b"")
            moved.headers = ((b"location", location),)
            raise

    def _introduce(self, host: Host) -> None:
        address = self._address()
        visit = Visit(
            request_id=self.request_id,
            host=host.netloc,
            address=address,
            tenant_id=host.tenant_id,
            tenant_slug=host.tenant_slug,
            counted=False,
        )
        self.visit = visit
        cookie = b"; ".join(value for name, value in self.scope["headers"] if name == b"cookie").decode("latin-1")
        state: Mapping[str, Any] = self.scope.get("state") or {}
        self.scope["state"] = {**state, "ap": visit, "visitor": visitor_of(cookie, host.netloc)}
        if self.edge.settings.trusted_proxy_hops:
            self.scope["client"] = (address, 0)
        self.scope["path"] = self.edge.paths.rewritten(self.path)
        self.host = host

    def _address(self) -> str:
        peer = (self.scope.get("client") or ("",))[0]
        hops = self.edge.settings.trusted_proxy_hops
        named = self.headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")
        forwarded = [part.strip() for part in named if part.strip()]
        return forwarded[-hops] if hops and len(forwarded) >= hops else peer

    def _require_own_origin(self, host: Host) -> None:
        origin = self.headers.get(b"origin")
        if not is_own_origin(origin.decode("latin-1") if origin is not None else None, host.netloc):
            raise Refusal(403, "This request did not come from a page of this address. Reload the page and try again.")

    async def send(self, message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            if self.body is not None and self.body.passed:
                await self._refuse(too_large(body_limit(self.path)))
                return
            self.started = True
            await self._send(self._dressed(message))
        elif self.body is not None and self.body.passed and not message["type"].startswith("websocket"):
            return
        else:
            self.started = self.started or message["type"] in {"websocket.accept", "websocket.close"}
            await self._send(message)

    def _dressed(self, message: Message) -> Message:
        host = getattr(self, "host", None)
        visit: Visit | None = getattr(self, "visit", None)
        return self.edge.headers.add(
            message,
            host=host.netloc if host else self.edge.settings.base_netloc,
            path=self.path,
            has_cookie=b"cookie" in self.headers,
            request_id=self.request_id,
            hidden=host is not None and host.tenant_slug is not None and self.path != "/",
            counted=host is not None and host.tenant_slug is None and visit is not None and visit["counted"],
        )

    async def _refuse(self, refusal: Refusal) -> None:
        if self.started:
            return
        self.started = True

        async def dressed(message: Message) -> None:
            await self._send(self._dressed(message) if message["type"].endswith(".start") else message)

        if self.scope["type"] == "http":
            await answer(dressed, refusal, notation=self._notation(), reference=self.request_id, path=self.path)
        elif "websocket.http.response" in (self.scope.get("extensions") or {}):
            kind = "websocket.http.response"
            await answer(dressed, refusal, notation="text", reference=self.request_id, kind=kind)
        else:
            await self._send({"type": "websocket.close", "code": 1008})

    def _notation(self) -> Notation:
        if self.path.startswith(API) or is_upload(self.path):
            return "problem"
        return "html" if b"text/html" in self.headers.get(b"accept", b"") else "text"

    async def _fail(self, error: Exception) -> None:
        if isinstance(error, AppError):
            await self._refuse(Refusal(error.status, error.sentence))
            return
        log.error("request_failed", path=self.path, exc_info=error)
        await self._refuse(
            Refusal(500, "Something failed on our side. Try again; nothing was charged by this request.")
        )
