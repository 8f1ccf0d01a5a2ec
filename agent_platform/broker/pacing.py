"""An attempt that keeps the broker busy is answered later while others ask too, so that one agent's flood hardly delays another's start."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from agent_platform.broker.speakers import Speaker, find_speaker, speaker_of
from agent_platform.core.errors import RateLimited

# Of one processor, for each attempt while others ask too; more by calls that take longer than OWED_SECONDS.
SHARE = 0.05
FREE_SECONDS = 0.2  # of work that an attempt may have at once; an ordinary run needs some hundredths
OWED_SECONDS = 0.05  # of work at most: no answer is held back for longer than a second
BESIDE_SECONDS = 1.0  # another who asked within them is one who asks too
MOST_UNDER_WAY = 16  # calls of one attempt: each may hold a body of some megabytes while it waits
PLACE_SECONDS = 20.0
KEPT = 5_000
T = TypeVar("T")


class Account:
    """The work of one attempt. `left`: seconds that it may have at once; below zero it rests."""

    def __init__(self, now: float) -> None:
        self.one_at_a_time = asyncio.Lock()
        self.places = asyncio.Semaphore(MOST_UNDER_WAY)
        self.left = FREE_SECONDS
        self._at = now

    def rest_seconds(self, now: float) -> float:
        self.left = min(FREE_SECONDS, self.left + (now - self._at) * SHARE)
        self._at = now
        return max(0.0, -self.left) / SHARE

    def spend(self, seconds: float) -> None:
        self.left = max(-OWED_SECONDS, self.left - seconds)


class Pace:
    """For the event loop of one broker."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        processor_clock: Callable[[], float] = time.thread_time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clock, self._processor_clock, self._sleep = clock, processor_clock, sleep
        self._accounts: OrderedDict[Speaker, Account] = OrderedDict()
        self._last: Speaker | None = None
        self._last_at = self._another_at = float("-inf")

    @asynccontextmanager
    async def calling(self, speaker: Speaker) -> AsyncIterator[None]:
        """Within the block a call of this attempt is one of sixteen that are under way. Raises: RateLimited after a wait."""
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(PLACE_SECONDS):
                    await held.enter_async_context(self._account(speaker).places)
            except TimeoutError:
                raise RateLimited(f"{MOST_UNDER_WAY} calls of this attempt are under way, the most at once.") from None
            yield

    async def work(self, speaker: Speaker, call: Callable[[], T]) -> T:
        """What `call` returns, made in a thread. Of an attempt one call is worked on at a time.

        Who has had too much gets the answer later, not the work: what this call says is stored even if the attempt ends meanwhile.
        """
        account = self._account(speaker)
        async with account.one_at_a_time:
            account.rest_seconds(self._clock())  # what has come back meanwhile
            try:
                return await run_in_threadpool(self._counted, account, call)
            finally:
                rest = account.rest_seconds(self._clock())
                if rest and self._others_ask(speaker):
                    await self._sleep(rest)

    def _counted(self, account: Account, call: Callable[[], T]) -> T:
        started = self._processor_clock()
        try:
            return call()
        finally:
            account.spend(self._processor_clock() - started)

    def _account(self, speaker: Speaker) -> Account:
        now = self._clock()
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
        return self._clock() - another_at < BESIDE_SECONDS


_pace = Pace()


async def speaking(request: Request) -> Speaker:
    """Who bears the request's token. Raises: TokenDead."""
    authorization = request.headers.get("authorization")
    return find_speaker(authorization) or await run_in_threadpool(speaker_of, authorization)


@asynccontextmanager
async def calling(request: Request) -> AsyncIterator[Speaker]:
    """Who bears the request's token, of whose calls this is one of a few that are under way. Raises: TokenDead, RateLimited."""
    speaker = await speaking(request)
    async with _pace.calling(speaker):
        yield speaker


async def paced(speaker: Speaker, call: Callable[[], T]) -> T:
    """As `Pace.work`, at the pace of this process."""
    return await _pace.work(speaker, call)
