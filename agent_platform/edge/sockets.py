"""Limits of the event socket: how many, how fast, how long a message, and its end when the session ends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_platform.core import live
from agent_platform.core.floods import Bucket, Places
from agent_platform.core.policy import Caller
from agent_platform.core.visit import place_of
from agent_platform.edge.refusals import Refusal
from agent_platform.edge.tabs import Tabs, TabSocket
from agent_platform.state.callers import Visitor, find_caller, forget_caller

SOCKET_PATH = "/_event"
ANONYMOUS_BYTES = 64 << 10
SIGNED_IN_BYTES = 256 << 10
TOO_LONG = 1009
SESSION_ENDED = (4401, "signed out")
GIVEN_UP = (4409, "another socket of this tab has come")
EVENT_PREFIX = "4"  # an Engine.IO message; everything else is its heartbeat


class Sockets:
    """Accepts, slows down and closes the event sockets of this process."""

    def __init__(self) -> None:
        self.of_address = Places(50)
        self.of_session = Places(20)
        self.opened = Bucket(2, 20)
        self.events = Bucket(60, 120)
        self.tabs = Tabs()

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises: Refusal 404, 429 before the socket is accepted."""
        if scope["path"].rstrip("/") != SOCKET_PATH:
            raise Refusal(404, "There is no socket at this address.")
        place, visitor = place_of(scope["state"]["ap"]["address"]), scope["state"]["visitor"]
        if self.opened.take(place):
            raise Refusal(429, "Too many connections from your address. Try again in a few seconds.", headers=RETRY)
        caller = await find_caller(visitor)
        async with self.tabs.enter(scope, send) as tab, self._places(place, str(caller.session_id or "")):
            limit = SIGNED_IN_BYTES if caller.user_id else ANONYMOUS_BYTES
            ends = {
                asyncio.create_task(_end_of_session(caller, visitor)): SESSION_ENDED,
                asyncio.create_task(tab.given_up.wait()): GIVEN_UP,
            }
            try:
                await app(scope, self._guarded(receive, send, place, limit, tab, ends), send)
            finally:
                for end in ends:
                    end.cancel()

    @contextlib.asynccontextmanager
    async def _places(self, place: str, session: str) -> AsyncIterator[None]:
        with contextlib.ExitStack() as taken:
            for places, key in ((self.of_address, place), (self.of_session, session)):
                if key and not places.take(key):
                    raise Refusal(429, "Too many open tabs. Close some of them and reload this page.", headers=RETRY)
                if key:
                    taken.callback(places.leave, key)
            yield

    def _guarded(
        self,
        receive: Receive,
        send: Send,
        place: str,
        limit: int,
        tab: TabSocket,
        ends: "dict[asyncio.Task[Any], tuple[int, str]]",
    ) -> Receive:
        async def close(code: int, reason: str) -> Message:
            await send({"type": "websocket.close", "code": code, "reason": reason})
            return {"type": "websocket.disconnect", "code": code}

        async def guarded() -> Message:
            coming = asyncio.ensure_future(receive())
            await asyncio.wait((coming, *ends), return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                coming.cancel()  # first: the server does not close a socket that somebody reads
                return await close(*next(said for end, said in ends.items() if end.done()))
            message = coming.result()
            if message["type"] != "websocket.receive":
                return message
            content = message.get("text") or message.get("bytes") or ""
            if tab.hears(content):
                return await guarded()
            if len(content) > limit:
                return await close(TOO_LONG, "message too long")
            if isinstance(content, str) and content.startswith(EVENT_PREFIX):
                await self.events.wait(place)
            return message

        return guarded


RETRY = ((b"retry-after", b"10"),)


async def _end_of_session(caller: Caller, visitor: Visitor) -> None:
    """Returns once the session has ended, at the latest at an idle poll; never for a visitor without one."""
    if caller.session_id is None:
        await asyncio.Event().wait()
    async for _ in live.nudges(f"session:{caller.session_id}", idle=True):
        forget_caller(visitor)
        if (await find_caller(visitor)).user_id is None:
            return
