"""Floods are stopped where they arrive: counted in this process, without a call to anything.

Limits that must hold over all processes (sign-in, codes, keys) are counted in Redis by `core.rate`.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent_platform.core.errors import RateLimited
from agent_platform.core.policy import Policy

MOST_KEYS = 50_000
# Per second and session (else address), with the burst. A handler or route names its class by `policy(..., rate=)`.
RATES = {
    "demo": (0.5, 5),
    "event": (20.0, 60),
    "export": (2.0, 20),
    "invite": (1.0, 20),
    "page": (10.0, 60),  # read without a script: an office behind one address browses, a crawler is slowed down
    "quote": (5.0, 20),
    "search": (5.0, 20),
    "sign_in": (2.0, 30),
    "start_run": (5.0, 20),
    "upload": (1.0, 10),
    "write": (10.0, 30),
}


class Bucket:
    """`rate` per second and key, after a burst."""

    def __init__(self, rate: float, burst: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self.burst = burst
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """0 if one more is allowed now, which counts it; else the seconds until one is."""
        now = self._clock()
        level, at = self._levels.get(key, (float(self.burst), now))
        level = min(self.burst, level + (now - at) * self.rate)
        if level >= 1:
            self._keep(key, level - 1, now)
            return 0.0
        self._keep(key, level, now)
        return (1 - level) / self.rate

    async def wait(self, key: str) -> None:
        """Returns once one more is allowed: the sender is slowed down and loses nothing."""
        while seconds := self.take(key):  # noqa: ASYNC110  # time is what it waits for
            await asyncio.sleep(seconds)

    def clear(self) -> None:
        self._levels.clear()

    def _keep(self, key: str, level: float, now: float) -> None:
        self._levels[key] = (level, now)
        self._levels.move_to_end(key)
        if len(self._levels) > MOST_KEYS:
            self._levels.popitem(last=False)


class Places:
    """How many are open at once, per key."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken: dict[str, int] = {}

    def take(self, key: str) -> bool:
        """Whether there was a place; then `leave` gives it back."""
        taken = self._taken.get(key, 0)
        if taken >= self.most:
            return False
        self._taken[key] = taken + 1
        return True

    def leave(self, key: str) -> None:
        taken = self._taken.get(key, 0) - 1
        if taken > 0:
            self._taken[key] = taken
        else:
            self._taken.pop(key, None)

    @contextmanager
    def held(self, key: str, *, otherwise: RateLimited) -> Iterator[None]:
        """One is taken as long as the block lasts. Raises: `otherwise` while there is none."""
        if not self.take(key):
            raise otherwise
        try:
            yield
        finally:
            self.leave(key)


class Rates:
    """One bucket per rate class."""

    def __init__(self) -> None:
        self._buckets = {name: Bucket(rate, burst) for name, (rate, burst) in RATES.items()}

    def count(self, wanted: Policy, key: str, *also: str) -> None:
        """One more use of the policy's class, of `event` and of those named besides, by this key. Raises: RateLimited."""
        for name in {"event", wanted.rate, *also}:
            if seconds := self._buckets[name].take(key):
                raise RateLimited(
                    "That was faster than we can follow. Wait a second and try again; nothing was done.",
                    retry_after_seconds=max(1, round(seconds)),
                )
