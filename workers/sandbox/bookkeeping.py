"""Small things that the host hands out and takes back: numbers for uids, turns, one timer per attempt."""

import asyncio
import heapq
from collections import Counter, deque
from collections.abc import Callable

from workers.sandbox.attempt import Attempt


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


FEW = 2


class TakingTurns:
    """Attempts that wait for a sandbox: tenant by tenant in turn, so that nobody waits behind another's crowd."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[Attempt]] = {}  # whose turn is next comes first
        self._served: Counter[str] = Counter()

    def append(self, attempt: Attempt) -> None:
        self._lines.setdefault(attempt.tenant_id, deque()).append(attempt)

    def take(self, *, only_few: bool = False) -> Attempt | None:
        """Who is served next, or None; with `only_few` nobody whose tenant has and waits for more than a few together.

        Those that wait count too: a crowd of short attempts never has more than a few sandboxes at a time.
        """
        for tenant_id, line in self._lines.items():
            if only_few and self._served[tenant_id] + len(line) > FEW:
                continue
            attempt = line.popleft()
            del self._lines[tenant_id]
            if line:
                self._lines[tenant_id] = line
            return attempt
        return None

    def serve(self, attempt: Attempt) -> int:
        """Its tenant has one sandbox more, until `leave`. Returns how many."""
        self._served[attempt.tenant_id] += 1
        return self._served[attempt.tenant_id]

    def leave(self, attempt: Attempt) -> None:
        self._served[attempt.tenant_id] -= 1
        if not self._served[attempt.tenant_id]:
            del self._served[attempt.tenant_id]

    def discard(self, attempt: Attempt) -> None:
        """It waits no longer, if it did."""
        line = self._lines.get(attempt.tenant_id, deque())
        if attempt in line:
            line.remove(attempt)
        if not line:
            self._lines.pop(attempt.tenant_id, None)

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))


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
