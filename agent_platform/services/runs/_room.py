"""What an attempt may be sure of: rows that the next batch will store and charge, whatever happens elsewhere."""

from agent_platform.models.runs import Run, RunAttempt, RunState
from agent_platform.services import billing
from agent_platform.services.runs._limits import MOST_ROW_BYTES, MOST_ROWS

ANY_EVENT = "*"


def room_micro_usd(run: Run) -> int:
    """Of the cap, what is neither charged nor lent to a child."""
    return run.cap_micro_usd - run.charged_micro_usd - run.child_micro_usd


def room_of(run: Run, attempt: RunAttempt) -> dict[str, int]:
    """Only this attempt uses it up; a raised cap adds to it. A run that is stopping is promised nothing."""
    if run.state == RunState.STOPPING:
        return {"micro_usd": 0, "rows": 0, "bytes": 0}
    return {
        "micro_usd": room_micro_usd(run),
        "rows": MOST_ROWS - run.item_count,
        "bytes": MOST_ROW_BYTES - attempt.outcomes.get("row_bytes", 0),
    }


def row_prices(run: Run) -> dict[str, int]:
    """The most that a row costs, in micro-USD, by event; "" is a row without one, "*" any other event."""
    prices = {name: offer["price_micro_usd"] for name, offer in run.price.get("events", {}).items()}
    if run.price["model"] == "per_run":
        prices.pop(billing.RUN_EVENT, None)
    if run.price["model"] in {"own", "free"}:
        prices[ANY_EVENT] = 0
    return prices | {"": 0}
