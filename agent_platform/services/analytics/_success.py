"""The success rate: one formula for every page. Source: product specification, section 5.

(succeeded + capped) / (those + failures of class agent or upstream + timed out); failures of input and platform and cancelled
runs say nothing about an agent and do not count.
"""

# Conditions on rows that have `outcome` and `failure_class`.
GOOD = "outcome IN ('succeeded', 'capped')"
BAD = "(outcome = 'timed_out' OR (outcome = 'failed' AND failure_class IN ('agent', 'upstream')))"


def success_share(good: int, bad: int) -> float | None:
    """A share of one; None while nothing counts."""
    return good / (good + bad) if good + bad else None
