"""Small things that the host hands out and takes back: numbers for uids, one timer per attempt."""

import asyncio
import heapq
from collections.abc import Callable


class Slots:
    """The smallest free number first, so that the range of uids in use stays as small as the load."""

    def __init__(self) -> None:
        self._free: list[int] = []
        self._next = 0

    def take(self) -> int:
        if self._free:
            return heapq.heappop(self._free)
        self._next += 1
        return self._next - 1

    def give_back(self, slot: int) -> None:
        heapq.heappush(self._free, slot)


class Timers:
    """At most one per name; a new one replaces the old."""

    def __init__(self) -> None:
        self._pending: dict[str, asyncio.TimerHandle] = {}

    def set(self, name: str, seconds: float, then: Callable[[], None]) -> None:
        self.unset(name)
        self._pending[name] = asyncio.get_running_loop().call_later(seconds, then)

    def unset(self, name: str) -> None:
        timer = self._pending.pop(name, None)
        if timer:
            timer.cancel()
