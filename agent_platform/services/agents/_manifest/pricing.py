"""The price list: decimal strings in, integer micro-USD out."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from agent_platform.services.agents._manifest.checks import Findings, Section

MODELS = ("free", "per_run", "per_event", "usage", "subscription")
COMMON = ("model", "costs", "smallest_cap", "trial", "refund_on_agent_failure")
OWN_KEYS = {
    "free": (),
    "per_run": ("price", "charge_on"),
    "per_event": ("events", "charge_on"),
    "usage": ("factor",),
    "subscription": ("monthly", "trial_days", "included", "events", "charge_on"),
}
CHARGE_ON = {
    "per_run": ("succeeded", "started", "valid_output"),
    "per_event": ("stored", "succeeded", "valid_output"),
    "subscription": ("stored", "succeeded", "valid_output"),
}
EVENT_KEYS = ("title", "price", "primary", "tiers", "free_per_month")
EVENT = r"[a-z][a-z0-9_]{0,39}"
MOST_EVENTS, MOST_TIERS = 20, 10
MOST_UNITS = 1_000_000_000
LEAST_CAP_MICRO_USD = 10_000
RUN = "run"


def read_pricing(findings: Findings, value: Any) -> dict[str, Any]:
    """The price list that a run keeps; without `pricing` the agent is free."""
    given = value if value is not None else {"model": "free"}
    named = given.get("model") if isinstance(given, dict) else None
    model = named if named in MODELS else ""
    keys = (*COMMON, *OWN_KEYS.get(model, sorted({key for own in OWN_KEYS.values() for key in own})))
    section = Section(findings, "pricing", given, keys=keys)
    section.choice("model", MODELS)
    refunds = section.choice("refund_on_agent_failure", ("full", "unused", "none"), default="full")
    price: dict[str, Any] = {
        "model": model or "free",
        "currency": "USD",
        "costs": section.choice("costs", ("included", "pass_through"), default=_usual_costs(model)),
        "charge_on": "stored",
        "events": {},
        "refund_on_agent_failure": refunds,
    }
    if model in CHARGE_ON:
        price["charge_on"] = section.choice("charge_on", CHARGE_ON[model], default=CHARGE_ON[model][0])
    price |= _READERS[model](section) if model in _READERS else {}
    price["smallest_cap_micro_usd"] = _read_smallest_cap(section, price)
    if section.has("trial"):
        price["trial"] = _read_trial(findings, section.values["trial"])
    return price


def _usual_costs(model: str) -> str:
    return "pass_through" if model in {"free", "usage"} else "included"


def _read_run_price(section: Section) -> dict[str, Any]:
    event = {"title": "Run", "price_micro_usd": section.money("price") or 0, "primary": True}
    return {"events": {RUN: {**event, "tiers": [], "free_per_month": 0}}}


def _read_events(section: Section) -> dict[str, Any]:
    given = section.mapping("events", most=MOST_EVENTS)
    if not given:
        section.note("events", 'Name at least one event, such as page: {title: Page, price: "0.002"}.')
    events = {name: _read_event(section.findings, name, value) for name, value in given.items()}
    primary = [name for name, event in events.items() if event["primary"]]
    if len(events) == 1:
        next(iter(events.values()))["primary"] = True
    elif events and len(primary) != 1:
        section.note("events", f"{len(primary)} events are primary; mark exactly one with primary: true.")
    return {"events": events}


def _read_event(findings: Findings, name: str, value: Any) -> dict[str, Any]:
    path = f"pricing.events.{name}"
    if not re.fullmatch(EVENT, name):
        findings.add(path, "An event's name has lower-case letters, digits and underscores; rename it.")
    section = Section(findings, path, value, keys=EVENT_KEYS)
    return {
        "title": section.text("title", "say what one unit is, such as Page checked.", most=60),
        "price_micro_usd": section.money("price") or 0,
        "primary": section.boolean("primary"),
        "tiers": _read_tiers(section),
        "free_per_month": int(section.number("free_per_month", 0, low=0, high=MOST_UNITS)),
    }


def _read_tiers(section: Section) -> list[dict[str, int]]:
    tiers: list[dict[str, int]] = []
    for number, value in enumerate(section.listing("tiers", most=MOST_TIERS)):
        tier = Section(section.findings, section.at(f"tiers[{number}]"), value, keys=("from", "price"))
        start = int(tier.number("from", 0, low=1, high=MOST_UNITS)) if tier.has("from") else 0
        if not tier.has("from"):
            tier.note("from", "This is missing; write the number of units from which this price holds.")
        elif tiers and 0 < start <= tiers[-1]["from"]:
            tier.note("from", f"{start:,} does not come after {tiers[-1]['from']:,}; list tiers in rising order.")
        tiers.append({"from": start, "price_micro_usd": tier.money("price") or 0})
    return tiers


def _read_factor(section: Section) -> dict[str, Any]:
    value = section.values.get("factor")
    fix = 'write a number from 1.0 to 5.0 with at most three decimals, such as "1.2".'
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float):
        section.note("factor", f"This is missing or not a number; {fix}")
        return {"factor_thousandths": 1000}
    try:
        thousandths = Decimal(str(value)) * 1000
        good = thousandths == int(thousandths) and 1000 <= thousandths <= 5000
    except (InvalidOperation, ValueError, OverflowError):
        good, thousandths = False, Decimal(1000)
    if not good:
        section.note("factor", f'"{str(value)[:30]}" does not fit; {fix}')
    return {"factor_thousandths": int(thousandths) if good else 1000}


def _read_subscription(section: Section) -> dict[str, Any]:
    price = {"monthly_micro_usd": section.money("monthly") or 0, **_read_events(section)}
    price["trial_days"] = int(section.number("trial_days", 0, low=0, high=90))
    price["included"] = {}
    for name, units in section.mapping("included", most=MOST_EVENTS).items():
        if name not in price["events"]:
            section.note(f"included.{name}", f'"{name[:60]}" is not among the events; add it to pricing.events.')
        elif not isinstance(units, int) or isinstance(units, bool) or not 0 <= units <= MOST_UNITS:
            section.note(f"included.{name}", "Write how many units a month are included, as a whole number.")
        else:
            price["included"][name] = units
    return price


def _read_smallest_cap(section: Section, price: dict[str, Any]) -> int:
    dearest = max((event["price_micro_usd"] for event in price["events"].values() if event["primary"]), default=0)
    cap = section.money("smallest_cap", required=False)
    if cap is None:
        return max(dearest, LEAST_CAP_MICRO_USD)
    if cap < max(dearest, 1):
        section.note("smallest_cap", "This must be above $0 and cover one run or one primary event; raise it.")
    return cap


def _read_trial(findings: Findings, value: Any) -> dict[str, int]:
    section = Section(findings, "pricing.trial", value, keys=("runs", "max"))
    runs = int(section.number("runs", 0, low=1, high=100)) if section.has("runs") else 0
    if not runs and not section.has("runs"):
        section.note("runs", "This is missing; write how many runs are free, such as 1.")
    return {"runs": runs, "max_micro_usd": section.money("max") or 0}


_READERS = {
    "per_run": _read_run_price,
    "per_event": _read_events,
    "usage": _read_factor,
    "subscription": _read_subscription,
}
