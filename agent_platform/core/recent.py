"""Answers that may be at most a moment old."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers at most `most` answers, each for `seconds`; the oldest is forgotten first."""

    def __init__(self, *, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._answers: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def find(self, key: K) -> tuple[V] | None:
        """The answer in a tuple of one, because None may be an answer; None when it is unknown or too old."""
        found = self._answers.get(key)
        if found is None or found[0] <= self._clock():
            return None
        return (found[1],)

    def keep(self, key: K, answer: V) -> V:
        self._answers.pop(key, None)
        self._answers[key] = (self._clock() + self._seconds, answer)  # at the end, in one step: threads may share this
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)
        return answer

    def forget(self, key: K) -> None:
        self._answers.pop(key, None)

    def clear(self) -> None:
        self._answers.clear()
