"""What a score is made of, and the shape of its answer."""

from collections.abc import Callable
from dataclasses import dataclass, field

from agent_platform.services import agents


@dataclass(frozen=True)
class Evidence:
    """What is known about a listing. Runs are those of others in 30 days, settled, no tests and no demos; shares are None while nothing counts."""

    manifest: agents.Manifest
    readme: str = ""
    changelog: str = ""
    good: int = 0
    bad: int = 0
    tests_share: float | None = None
    valid_share: float | None = None
    within_quote_share: float | None = None
    hosts_used: frozenset[str] | None = None  # by test runs; None while none has run
    asks_people: bool = False
    version_days: int = 0
    maintenance_days: int = 0
    reply_hours: float | None = None  # median; None where no review waits for an answer
    price_rises: int = 0
    examples: int = 0  # pages that everybody may read


@dataclass(frozen=True)
class Check:
    """`advice` is what the creator may do about the points that are missing; empty where only time or runs bring them.

    `note` tells everybody why there are so few points, where the figures beside them would let one expect more.
    """

    title: str
    points: float
    most: float
    advice: str = ""
    note: str = ""


@dataclass(frozen=True)
class Factor:
    key: str
    title: str
    most: int
    checks: tuple[Check, ...] = ()

    @property
    def points(self) -> float:
        return min(float(self.most), max(0.0, sum(check.points for check in self.checks)))


@dataclass(frozen=True)
class Rule:
    """One factor of the formula: how it is judged, and the sentence that explains it."""

    key: str
    title: str
    most: int
    judge: Callable[[Evidence], list[Check]]
    lines: tuple[str, ...] = field(default=())
