"""A price list as one short label: `$0.002` and `page`."""

from typing import Any

from agent_platform.core.money import dollars


def price_label(price: dict[str, Any]) -> tuple[str, str]:
    """(amount, unit without a slash); the unit is empty where there is none."""
    match price["model"]:
        case "free":
            return "Free", ""
        case "per_run":
            return dollars(price["events"]["run"]["price_micro_usd"]), "run"
        case "usage":
            return f"cost \N{MULTIPLICATION SIGN} {price['factor_thousandths'] / 1000:g}", ""
        case "subscription":
            return dollars(price["monthly_micro_usd"]), "month"
        case _:
            name, event = next(item for item in price["events"].items() if item[1]["primary"])
            return dollars(event["price_micro_usd"]), name.replace("_", " ")
