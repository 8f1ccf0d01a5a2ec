"""Price lists as pure facts: what an event costs, the quote, the smallest sensible cap."""

import math
from dataclasses import dataclass
from typing import Any

from agent_platform.core.money import compute_cost_micro_usd, dollars
from agent_platform.services.billing.errors import CapBelowSmallest, PriceModelNotAvailable

CENT = 10_000
DEFAULT_CAP_MICRO_USD = 500_000
ENOUGH_RUNS = 20
RUN_EVENT = "run"
CHARGEABLE = frozenset({"free", "own", "per_run", "per_event"})
CONSUMER_PAYS_COMPUTE = frozenset({"free", "own"})


@dataclass(frozen=True)
class History:
    """Finished runs of this agent by anybody in the last 30 days; None where there are none."""

    runs: int = 0
    p50_micro_usd: int | None = None
    p90_micro_usd: int | None = None
    p50_ms: int | None = None


@dataclass(frozen=True)
class Quote:
    """`p50` and `p90` are None until twenty runs have finished; `known` is the exact price of a run where there is one.

    `usual` is the median of however few runs there are.
    """

    model: str
    p50_micro_usd: int | None
    p90_micro_usd: int | None
    p50_ms: int | None
    runs: int
    cap_micro_usd: int
    smallest_cap_micro_usd: int
    known_micro_usd: int | None
    most_compute_micro_usd: int
    primary_title: str | None
    primary_micro_usd: int | None
    usual_micro_usd: int | None = None


def quote(
    price: dict[str, Any], *, history: History, memory_mb: int, timeout_seconds: int, cap_micro_usd: int | None = None
) -> Quote:
    """What a run will typically cost and never exceed. Source: product specification, section 10."""
    refuse_unchargeable(price)
    enough = history.runs >= ENOUGH_RUNS and history.p90_micro_usd is not None
    primary = _primary(price)
    smallest = smallest_cap(price)
    cap = cap_micro_usd or default_cap(
        price, history, most_compute_micro_usd=compute_cost_micro_usd(memory_mb, timeout_seconds * 1000)
    )
    return Quote(
        model=price["model"],
        p50_micro_usd=history.p50_micro_usd if enough else None,
        p90_micro_usd=history.p90_micro_usd if enough else None,
        p50_ms=history.p50_ms if enough else None,
        runs=history.runs,
        cap_micro_usd=cap,
        smallest_cap_micro_usd=smallest,
        known_micro_usd=price["events"][RUN_EVENT]["price_micro_usd"] if price["model"] == "per_run" else None,
        most_compute_micro_usd=compute_cost_micro_usd(memory_mb, timeout_seconds * 1000)
        if consumer_pays_compute(price)
        else 0,
        primary_title=primary["title"] if primary else None,
        primary_micro_usd=primary["price_micro_usd"] if primary else None,
        usual_micro_usd=history.p50_micro_usd,
    )


def default_cap(price: dict[str, Any], history: History, *, most_compute_micro_usd: int = 0) -> int:
    """Twice p90 rounded up to a cent, at least the smallest cap; without history half a dollar, after a few runs at least their p90.

    Where the consumer pays sandbox time, the cap also covers a run that uses its whole time limit.
    """
    whole = _whole_cents(most_compute_micro_usd) if consumer_pays_compute(price) else 0
    smallest = max(smallest_cap(price), whole)
    if history.runs >= ENOUGH_RUNS and history.p90_micro_usd:
        return max(_whole_cents(2 * history.p90_micro_usd), smallest)
    return max(DEFAULT_CAP_MICRO_USD, _whole_cents(history.p90_micro_usd or 0), smallest)


def quoted_p90(history: History) -> int | None:
    """Under what nine of ten runs stay, where the quote says so."""
    return history.p90_micro_usd if history.runs >= ENOUGH_RUNS else None


def smallest_cap(price: dict[str, Any]) -> int:
    """The least a cap may be: the manifest's, and never less than one run or one primary event."""
    dearest = max(
        (event["price_micro_usd"] for event in price.get("events", {}).values() if event.get("primary", True)),
        default=0,
    )
    return max(price.get("smallest_cap_micro_usd", 0), dearest, CENT)


def refuse_small_cap(price: dict[str, Any], cap_micro_usd: int) -> None:
    """Raises: CapBelowSmallest."""
    smallest = smallest_cap(price)
    if cap_micro_usd < smallest:
        raise CapBelowSmallest(
            f"The smallest maximum cost for this agent is {dollars(smallest)}; you set {dollars(cap_micro_usd)}. Nothing was charged. Raise it and run again."
        )


def refuse_unchargeable(price: dict[str, Any]) -> None:
    """Raises: PriceModelNotAvailable."""
    if price["model"] not in CHARGEABLE:
        raise PriceModelNotAvailable(
            f"This agent is priced by {price['model']}, which this installation cannot charge yet. Nothing was charged; ask its creator for a price per run or event."
        )
    if any(event.get("free_per_month") for event in price.get("events", {}).values()):
        raise PriceModelNotAvailable(
            "This price list has free units per month, which this installation does not count yet. Nothing was charged; set free_per_month to 0."
        )


def consumer_pays_compute(price: dict[str, Any]) -> bool:
    if price.get("is_dry_run"):
        return False
    return price["model"] in CONSUMER_PAYS_COMPUTE or price.get("costs") == "pass_through"


def own_price() -> dict[str, Any]:
    """A tenant's own agent: sandbox time, no price."""
    return {
        "model": "own",
        "costs": "pass_through",
        "charge_on": "stored",
        "events": {},
        "smallest_cap_micro_usd": 0,
        "refund_on_agent_failure": "full",
    }


def payable(
    price: dict[str, Any], event: str | None, *, units: int, units_before: int, left_micro_usd: int
) -> tuple[int, int]:
    """How many of `units` the hold can pay for, and their amount: the longest payable prefix. Free units of the month come first."""
    offer = price.get("events", {}).get(event) if event else None
    if offer is None or not offer["price_micro_usd"]:
        return units, 0
    free = min(units, max(0, offer.get("free_units", 0) - units_before))
    paid = min(units - free, left_micro_usd // offer["price_micro_usd"])
    return free + paid, paid * offer["price_micro_usd"]


def frozen_at_accept(price: dict[str, Any], used_this_month: dict[str, int]) -> dict[str, Any]:
    """The price list a run keeps: the tier reached by the tenant's units of this month, and what is left of the free units."""
    events = {}
    for name, event in price.get("events", {}).items():
        used = used_this_month.get(name, 0)
        reached = [tier["price_micro_usd"] for tier in event.get("tiers", ()) if used >= tier["from"]]
        events[name] = {
            **event,
            "price_micro_usd": reached[-1] if reached else event["price_micro_usd"],
            "free_units": max(0, event.get("free_per_month", 0) - used),
        }
    return {**price, "events": events}


def for_dry_run(price: dict[str, Any]) -> dict[str, Any]:
    """The price list of a run that costs nothing: its events are counted and free."""
    events = {name: {**event, "price_micro_usd": 0, "tiers": []} for name, event in price.get("events", {}).items()}
    return {**price, "events": events, "is_dry_run": True, "smallest_cap_micro_usd": 0}


def _primary(price: dict[str, Any]) -> dict[str, Any] | None:
    events = list(price.get("events", {}).values())
    return next((event for event in events if event.get("primary")), events[0] if events else None)


def _whole_cents(micro_usd: int) -> int:
    return math.ceil(micro_usd / CENT) * CENT
