"""A browser's socket without the browser: speaks Engine.IO, Socket.IO and Reflex' events."""

import asyncio
import itertools
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from reflex.constants import Reflex

PATIENCE_SECONDS = 20.0
numbers = itertools.count()
PREFIX = "reflex___state____state"
SESSION = f"{PREFIX}.agent_platform___state___session____session"
PROBE = f"{SESSION}.tests___protocol___probe_app____probe"


@dataclass
class Tab:
    """An open page. `vars` is what it has been told, by state and var; `notices` every sentence shown."""

    socket: aiohttp.ClientWebSocketResponse
    token: str
    path: str = "/"
    vars: dict[str, dict[str, Any]] = field(default_factory=dict)
    notices: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, name: str, /, **payload: Any) -> None:
        router = {"pathname": self.path, "query": {}, "asPath": self.path, "headers": {"cookie": "ap_sid=" + "A" * 43}}
        event = {"name": name, "payload": payload, "router_data": router}
        await self.socket.send_str("42/_event," + json.dumps(["event", event]))

    async def call(self, handler: str, **payload: Any) -> None:
        await self.send(f"{PROBE}.{handler}", **payload)

    async def until(self, happened) -> None:
        """Returns once `happened()` is true. Fails after a patience that only a bug exhausts."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not happened():
                await self.listen()

    async def listen(self) -> None:
        """One more message has been taken in. Raises: ConnectionError once the socket is closed."""
        message = await self.socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise ConnectionError(self.socket.close_code)
        text = message.data
        if text == "2":
            await self.socket.send_str("3")
        elif text.startswith("42/_event,"):
            name, *values = json.loads(text.removeprefix("42/_event,"))
            if name == "event":
                self._take(values[0])

    async def settled(self) -> None:
        """Everything sent before this has been dealt with: events of a tab are handled in order."""
        self.probe.pop("seen", None)
        await self.call("open_door")
        await self.until(lambda: str(self.probe.get("seen", "")).startswith("open_door") or self.was_slowed)

    async def told(self, start: str) -> dict[str, Any]:
        """The newest notice whose title begins so, awaited."""
        await self.until(lambda: any(notice["title"].startswith(start) for notice in self.notices))
        return next(notice for notice in reversed(self.notices) if notice["title"].startswith(start))

    @property
    def probe(self) -> dict[str, Any]:
        return self.vars.setdefault(PROBE, {})

    @property
    def session(self) -> dict[str, Any]:
        return self.vars.setdefault(SESSION, {})

    @property
    def refusal(self) -> str:
        """The kind of what stands in place of the page, or empty."""
        return self.session.get("refusal", {}).get("kind", "")

    @property
    def was_slowed(self) -> bool:
        return any(notice["title"].startswith("That was faster") for notice in self.notices)

    def _take(self, update: dict[str, Any]) -> None:
        for state, values in (update.get("delta") or {}).items():
            for name, value in values.items():
                plain = re.sub(r"_rx_state_$", "", name)
                self.vars.setdefault(state, {})[plain] = value
                if state == SESSION and plain == "notice" and value.get("id"):
                    self.notices.append(value)
        self.events.extend(update.get("events") or [])


@dataclass
class Visitor:
    """One browser profile, at an address of its own: limits count by address."""

    http: aiohttp.ClientSession
    port: int
    host: str = "localhost"
    cookie: str = ""
    address: str = field(default_factory=lambda: f"198.51.{next(numbers) // 250}.{next(numbers) % 250}")
    sockets: list[aiohttp.ClientWebSocketResponse] = field(default_factory=list)

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}"

    def headers(self, **more: str | None) -> dict[str, str]:
        given = {"Host": self.netloc, "Origin": f"http://{self.netloc}", "Cookie": self.cookie}
        given |= {"X-Forwarded-For": self.address} | more
        return {name: value for name, value in given.items() if value}

    async def connect(self, token: str | None = None, **headers: str | None) -> aiohttp.ClientWebSocketResponse:
        """The raw socket. Raises: aiohttp.WSServerHandshakeError with status and headers of the refusal."""
        token = token or str(uuid.uuid4())
        socket = await self.http.ws_connect(
            f"http://127.0.0.1:{self.port}/_event/?token={token}&EIO=4&transport=websocket",
            headers=self.headers(**headers),
            protocols=[Reflex.VERSION],
        )
        self.sockets.append(socket)
        return socket

    async def leave(self) -> None:
        """Every socket is closed, also those that a failed wait still holds: the collector would complain of them in another test."""
        for socket in self.sockets:
            await socket.close()

    async def open_tab(
        self,
        path: str = "/",
        *,
        token: str | None = None,
        holds: Sequence[str] = (),
        comes_back: bool = False,
        storage: dict[str, str] | None = None,
    ) -> Tab:
        """A page whose state has been hydrated and whose `on_load` ran; `holds` are the hashes of what it was built with.

        One that `comes_back` has these no more: it has only lost its connection.
        `storage` is what lies in the tab's session storage, by full name of the var.
        """
        token = token or str(uuid.uuid4())
        socket = await self.connect(token)
        tab = Tab(socket, token, path)
        assert (await socket.receive()).data.startswith("0{")
        await socket.send_str("40/_event,")
        while not (await socket.receive()).data.startswith("40/_event,"):
            pass  # a copied tab is first told the token that it has from now on
        built_with = {} if comes_back else {"hashes": list(holds)}
        await tab.send(f"{PREFIX}.hydrate_and_load", vars=storage or {}, **built_with)
        await tab.until(lambda: tab.vars.get(PREFIX, {}).get("is_hydrated") is True)
        return tab

    async def get(self, path: str, **headers: str | None) -> aiohttp.ClientResponse:
        return await self.request("GET", path, **headers)

    async def request(
        self, method: str, path: str, *, body: Any = None, **headers: str | None
    ) -> aiohttp.ClientResponse:
        url = f"http://127.0.0.1:{self.port}{path}"
        sent = self.headers(**headers)
        async with self.http.request(method, url, headers=sent, data=body, allow_redirects=False) as answer:
            await answer.read()
            return answer
