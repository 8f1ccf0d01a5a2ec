"""What a price list says about money if something goes wrong: one source for the agent's page and the run's."""

from typing import Any

from agent_platform.services.billing import consumer_pays_compute

COST_ONLY = frozenset({"own", "free"})
AGENT_FAILS = {
    "full": "all its charges are given back",
    "unused": "stored rows are kept and paid, unused charges are given back",
    "none": "stored rows are kept and paid",
}


def when_agent_fails(price: dict[str, Any]) -> str:
    """Half a sentence, to be put behind `If it fails:`."""
    if price["model"] in COST_ONLY:
        return "you pay the sandbox time until then, and nothing else"
    if price["model"] == "per_run" and price.get("charge_on") == "started":
        due = "its price is due at the start and stays charged"
    elif price.get("charge_on") in {"succeeded", "valid_output"}:
        due = "nothing is due, its price is for success only"
    else:
        due = AGENT_FAILS[price.get("refund_on_agent_failure", "full")]
    return f"{due}; sandbox time stays charged" if consumer_pays_compute(price) else due


def when_you_stop(price: dict[str, Any]) -> str:
    if price["model"] in COST_ONLY:
        return "you pay the sandbox time until then"
    paid = "stored rows are kept and paid"
    return f"{paid}, sandbox time too" if consumer_pays_compute(price) else paid


def promises(price: dict[str, Any]) -> list[str]:
    return [
        "Platform at fault: everything refunded, at once.",
        f"Agent fails: {when_agent_fails(price)}.",
        "Cap reached: the run ends, nothing more is charged.",
        f"You stop it: {when_you_stop(price)}, the rest is released.",
    ]
