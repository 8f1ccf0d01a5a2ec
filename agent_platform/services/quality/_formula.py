"""The quality score: 0 to 100, an open formula. Pure: evidence in, points out. Source: product specification, section 12."""

import math
from dataclasses import dataclass

from agent_platform.services.quality._evidence import Check, Evidence, Factor
from agent_platform.services.quality._factors import FACTORS


@dataclass(frozen=True)
class Quality:
    factors: tuple[Factor, ...]

    @property
    def score(self) -> int:
        return math.floor(sum(factor.points for factor in self.factors) + 0.5)

    @property
    def next_best(self) -> Check | None:
        """The check with the most to win; None where there is nothing left to do."""
        open_ = [
            check for factor in self.factors for check in factor.checks if check.advice and _missing(check) >= 0.05
        ]
        return max(open_, key=_missing, default=None)


def quality_of(evidence: Evidence) -> Quality:
    return Quality(tuple(Factor(one.key, one.title, one.most, tuple(one.judge(evidence))) for one in FACTORS))


def _missing(check: Check) -> float:
    return check.most - check.points
