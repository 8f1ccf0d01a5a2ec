"""Event sockets of the same tab: one whose browser has gone without a word gives its place to the next.

The framework takes a second socket with the token of an open one for a copied tab, and gives it an empty state. A browser that changed
its network, or was without one, comes back while its old socket still counts as open.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

from starlette.types import Scope, Send

ANSWER_SECONDS = 1.5
PING, PONG = "2", "3"  # of Engine.IO
MOST_TOKEN = 100


class TabSocket:
    """`given_up` is set once another socket of its tab has come and its own browser no longer answers."""

    def __init__(self, send: Send) -> None:
        self.given_up = asyncio.Event()
        self.left = asyncio.Event()
        self._send = send
        self._is_asked = False
        self._news = asyncio.Event()

    async def answers(self) -> bool:
        """Whether its browser is still there; one that is just leaving is not."""
        self._is_asked, is_there = True, False
        self._news.clear()
        # The last two come of a socket that closes in this moment.
        with contextlib.suppress(TimeoutError, RuntimeError, OSError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._send({"type": "websocket.send", "text": PING})
                is_there = await self._news.wait()
        return is_there and not self.left.is_set()

    def hears(self, message: str) -> bool:
        """The browser is there. True for the answer to our own question, which is nobody else's business."""
        self._news.set()
        was_asked, self._is_asked = self._is_asked, self._is_asked and message != PONG
        return was_asked and message == PONG

    def leave(self) -> None:
        self.left.set()
        self._news.set()


class Tabs:
    """Open sockets of this process, by the token of their tab."""

    def __init__(self) -> None:
        self._open: dict[str, TabSocket] = {}

    @contextlib.asynccontextmanager
    async def enter(self, scope: Scope, send: Send) -> AsyncIterator[TabSocket]:
        """An older socket of the same tab has left if nobody is behind it."""
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0][:MOST_TOKEN]
        while (older := self._open.get(token)) and await _gives_way(older):
            pass  # another one may have come meanwhile
        mine = TabSocket(send)
        self._open.setdefault(token, mine)
        try:
            yield mine
        finally:
            mine.leave()
            if self._open.get(token) is mine:
                del self._open[token]


async def _gives_way(older: TabSocket) -> bool:
    """It has left, because nobody is behind it. False for one that lives, and for one that cannot be closed in time."""
    if await older.answers():
        return False
    older.given_up.set()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ANSWER_SECONDS):
            return await older.left.wait()
    return False
