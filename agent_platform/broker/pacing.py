"""An attempt that keeps the broker busy is slowed while others ask too, so that one agent's flood does not delay another's start."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from agent_platform.broker.speakers import Speaker, known_speaker, speaker_of

SHARE = 0.05  # of one processor, for each attempt while others ask too
FREE_SECONDS = 0.2  # of work that an attempt may have at once; an ordinary run needs a tenth of it
OWED_SECONDS = 0.05  # of work at most: nobody rests for longer than a second
BESIDE_SECONDS = 1.0  # another who asked within them is one who asks too
KEPT = 5_000
T = TypeVar("T")


class Account:
    """The work of one attempt. `left`: seconds that it may have at once; below zero it rests."""

    def __init__(self, now: float) -> None:
        self.one_at_a_time = asyncio.Lock()
        self.left = FREE_SECONDS
        self._at = now

    def rest_seconds(self, now: float) -> float:
        self.left = min(FREE_SECONDS, self.left + (now - self._at) * SHARE)
        self._at = now
        return max(0.0, -self.left) / SHARE

    def spend(self, seconds: float) -> None:
        self.left = max(-OWED_SECONDS, self.left - seconds)


class Pace:
    """For the event loop of one broker. One call of an attempt is worked on at a time: in the database they would wait for each other anyway."""

    def __init__(self) -> None:
        self._accounts: OrderedDict[Speaker, Account] = OrderedDict()
        self._last: Speaker | None = None
        self._last_at = self._another_at = float("-inf")

    async def work(self, speaker: Speaker, call: Callable[[], T]) -> T:
        """What `call` returns, made in a thread once the speaker has rested."""
        account = self._account(speaker)
        async with account.one_at_a_time:
            rest = account.rest_seconds(time.monotonic())
            if rest and self._others_ask(speaker):
                await asyncio.sleep(rest)
            return await run_in_threadpool(_counted, account, call)

    def _account(self, speaker: Speaker) -> Account:
        now = time.monotonic()
        if speaker != self._last:
            self._last, self._another_at = speaker, self._last_at
        self._last_at = now
        account = self._accounts.setdefault(speaker, Account(now))
        self._accounts.move_to_end(speaker)
        if len(self._accounts) > KEPT:
            self._accounts.popitem(last=False)
        return account

    def _others_ask(self, speaker: Speaker) -> bool:
        another_at = self._another_at if speaker == self._last else self._last_at
        return time.monotonic() - another_at < BESIDE_SECONDS


_pace = Pace()


async def speaking(request: Request) -> Speaker:
    """Who bears the request's token. Raises: TokenDead."""
    authorization = request.headers.get("authorization")
    return known_speaker(authorization) or await run_in_threadpool(speaker_of, authorization)


async def paced(speaker: Speaker, call: Callable[[], T]) -> T:
    """What `call` returns, made in a thread when it is this speaker's turn."""
    return await _pace.work(speaker, call)


def _counted(account: Account, call: Callable[[], T]) -> T:
    started = time.thread_time()
    try:
        return call()
    finally:
        account.spend(time.thread_time() - started)
