"""What an agent's price list says, formatted."""

from dataclasses import dataclass
from typing import Any

from agent_platform.views.format import count, money_short, money_text, plain_text
from agent_platform.views.parts import FactView

UNITS = 1_000
MOST_UNITS = 1_000_000_000
MOST_DIGITS = len(str(MOST_UNITS))

CHARGED_WHEN = {
    "stored": "the row is stored",
    "started": "the run starts",
    "succeeded": "the run succeeds",
    "valid_output": "the output fits its schema",
}
PLUS_TIME = "+ sandbox time"  # of a free agent: what a run costs is what it takes of the sandbox


@dataclass(frozen=True)
class PriceRowView:
    title: str
    primary: bool
    when: str
    price: str
    thousand: str
    tiers: str


def unit_words(model: str, unit: str) -> str:
    """What stands after the amount of a price label; empty where nothing does."""
    if model == "free":
        return PLUS_TIME
    return f"/ {unit}" if unit else ""


def price_rows(price: dict[str, Any]) -> list[PriceRowView]:
    when = CHARGED_WHEN.get(price.get("charge_on", "stored"), "the row is stored")
    return [
        PriceRowView(
            plain_text(event["title"]),
            bool(event.get("primary")),
            when,
            money_text(event["price_micro_usd"]),
            money_short(1_000 * event["price_micro_usd"]),
            _later(event),
        )
        for event in price.get("events", {}).values()
    ]


def read_units(text: str) -> int:
    """Raises: ValueError with the sentence for the person."""
    tidy = "".join(text.split()).replace(",", "")
    if not (tidy.isascii() and tidy.isdigit()):
        raise ValueError("Write how many in digits, such as 10,000.")
    if not 1 <= int(tidy[:MOST_DIGITS]) <= MOST_UNITS or len(tidy) > MOST_DIGITS:
        raise ValueError(f"Write at least 1 and at most {count(MOST_UNITS)}.")
    return int(tidy)


def costs_of(price: dict[str, Any], units: int) -> list[FactView]:
    """What so many units of each event cost, the first of a month, with what each of them costs."""
    return [
        FactView(plain_text(event["title"]), money_short(cost_of(event, units)), _steps(event))
        for event in price.get("events", {}).values()
    ]


def cost_of(event: dict[str, Any], units: int) -> int:
    """Micro-USD of the first `units` of a month in runs of one unit each: each is charged at the tier that the units before it reached."""
    steps = [(0, event["price_micro_usd"]), *((tier["from"], tier["price_micro_usd"]) for tier in _tiers(event))]
    ends = [start for start, _ in steps[1:]] + [units]
    return sum(max(0, min(end, units) - start) * each for (start, each), end in zip(steps, ends, strict=True))


def price_note(price: dict[str, Any], *, own: bool) -> str:
    if own:
        return "Your own agent: you pay its sandbox time, $0.20 per GiB-hour, and no price."
    if price["model"] == "free":
        return "Free: you pay its sandbox time, $0.20 per GiB-hour, and nothing else."
    if price.get("costs") == "pass_through":
        return "Sandbox time is added at $0.20 per GiB-hour."
    return "Sandbox time is included in the price."


def _steps(event: dict[str, Any]) -> str:
    """`at $0.002 each, $0.0017 from 10,000`."""
    return ", ".join(part for part in (f"at {money_short(event['price_micro_usd'])} each", _later(event)) if part)


def _later(event: dict[str, Any]) -> str:
    return ", ".join(f"{money_short(tier['price_micro_usd'])} from {count(tier['from'])}" for tier in _tiers(event))


def _tiers(event: dict[str, Any]) -> list[dict[str, int]]:
    return list(event.get("tiers", ()))
