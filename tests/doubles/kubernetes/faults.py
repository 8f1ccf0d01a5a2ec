"""What goes wrong on the way to an API server, switched on by a test."""

import threading
from dataclasses import dataclass, field

from tests.doubles.kubernetes.store import Event


@dataclass
class Faults:
    """`too_many`: how many requests are answered 429, of those whose path has `busy_for` in it. `lost_answers`: how many writes are done and not answered.

    `swallow`: (type, kind) of the next events that no watch is told; `gone_by_status`: an expired version is told by HTTP 410
    instead of an event.
    """

    down: bool = False
    too_many: int = 0
    busy_for: str = ""
    retry_after: str = "0"
    lost_answers: int = 0
    duplicate: bool = False
    frozen: bool = False
    refuse_watches: bool = False
    gone_by_status: bool = False
    bookmark_seconds: float = 0.5
    swallow: list[tuple[str, str]] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    expired_told: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, name: str) -> bool:
        """One of a counted fault is used up."""
        with self._lock:
            left = getattr(self, name)
            setattr(self, name, max(0, left - 1))
            return left > 0

    def swallows(self, event: Event) -> bool:
        with self._lock:
            if (event.type, event.kind) in self.swallow:
                self.swallow.remove((event.type, event.kind))
                return True
            return False

    def heal(self) -> None:
        self.down = self.frozen = self.duplicate = self.gone_by_status = self.refuse_watches = False
        self.too_many = self.lost_answers = 0
        self.busy_for = ""
        self.swallow.clear()
