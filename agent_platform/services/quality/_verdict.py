"""Pure: what a test expects, what its run showed, and what follows for the listing after some days."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agent_platform.models.catalogue import ListingState

BAD_DAYS, MORE_BAD_DAYS, GOOD_DAYS = 3, 28, 3
PASSED_STATES = frozenset({"succeeded", "capped"})


@dataclass(frozen=True)
class Outcome:
    """A finished run as a test sees it; `output` is result and items as one JSON text, `cost` what a consumer would have paid."""

    state: str
    failure_class: str
    failure_code: str
    item_count: int
    seconds: float
    cost_micro_usd: int
    output: str = ""


def why_failed(expect: dict[str, Any], outcome: Outcome) -> str:
    """The first expectation that was not met and what came instead, in one sentence; empty when all were."""
    for key, wanted in _wanted(expect).items():
        met, came = CHECKS[key](wanted, outcome)
        if not met:
            return f"expected {WORDS[key].format(wanted=_plain(wanted))}, got {came}"
    return ""


def _wanted(expect: dict[str, Any]) -> dict[str, Any]:
    """A test that names no ending expects success."""
    if {"state", "error_class", "error_code"} & expect.keys():
        return expect
    return {"state": "succeeded", **expect}


def _ending(outcome: Outcome) -> str:
    if not outcome.failure_code or outcome.state in PASSED_STATES:
        return outcome.state
    return f"{outcome.state} ({outcome.failure_class}: {outcome.failure_code})"


WORDS = {
    "state": "{wanted}",
    "error_class": "an error of class {wanted}",
    "error_code": "the error {wanted}",
    "output_valid": "valid output: {wanted}",
    "items_min": "at least {wanted} items",
    "items_max": "at most {wanted} items",
    "seconds_max": "at most {wanted} s",
    "cost_max_micro_usd": "a cost of at most {wanted} micro-dollars",
    "contains": 'output that contains "{wanted}"',
}
CHECKS: dict[str, Any] = {
    "state": lambda wanted, came: (came.state == wanted, _ending(came)),
    "error_class": lambda wanted, came: (came.failure_class == wanted, _ending(came)),
    "error_code": lambda wanted, came: (came.failure_code == wanted, _ending(came)),
    "output_valid": lambda wanted, came: ((came.failure_code != "output_invalid") is wanted, _ending(came)),
    "items_min": lambda wanted, came: (came.item_count >= wanted, f"{came.item_count}"),
    "items_max": lambda wanted, came: (came.item_count <= wanted, f"{came.item_count}"),
    "seconds_max": lambda wanted, came: (came.seconds <= wanted, f"{came.seconds:.1f} s"),
    "cost_max_micro_usd": lambda wanted, came: (came.cost_micro_usd <= wanted, f"{came.cost_micro_usd}"),
    "contains": lambda wanted, came: (wanted in came.output, "none"),
}


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True)
class Day:
    """One day of tests: whether all passed, and the state of the listing after it."""

    passed: bool
    state: str


@dataclass(frozen=True)
class Move:
    """`count` of `what` days lead from one state to the next: in a row, or since the state began."""

    source: ListingState
    what: Literal["bad in a row", "good in a row", "bad since then"]
    count: int
    target: ListingState


# Source: product specification, P-07 and section 5. The first day of maintenance is itself a bad one, and not one of the 28 more.
MOVES = (
    Move(ListingState.PUBLISHED, "bad in a row", BAD_DAYS, ListingState.MAINTENANCE),
    Move(ListingState.MAINTENANCE, "good in a row", GOOD_DAYS, ListingState.PUBLISHED),
    Move(ListingState.MAINTENANCE, "bad since then", MORE_BAD_DAYS, ListingState.DEPRECATED),
)


def state_after(state: str, *, passed: bool, before: Sequence[Day]) -> ListingState:
    """The state of a listing after a day of tests; `before` are the days before it, the latest first."""
    here = [day for _, day in zip(range(400), before, strict=False)]
    same = _while(here, lambda day: day.state == state)
    counted = {
        "bad in a row": 0 if passed else 1 + len(_while(same, lambda day: not day.passed)),
        "good in a row": 1 + len(_while(same, lambda day: day.passed)) if passed else 0,
        "bad since then": int(not passed) + sum(not day.passed for day in same[:-1]),
    }
    move = next((one for one in MOVES if one.source == state and counted[one.what] >= one.count), None)
    return move.target if move else ListingState(state)


def _while(days: Sequence[Day], holds: Any) -> list[Day]:
    """The first of them, as long as it holds."""
    kept: list[Day] = []
    for day in days:
        if not holds(day):
            break
        kept.append(day)
    return kept
