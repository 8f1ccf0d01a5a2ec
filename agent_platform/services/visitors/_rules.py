"""The limits of a demo, and what is kept of a visitor's address. Pure."""

import hashlib
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agent_platform.core.visit import place_of
from agent_platform.services.visitors.errors import DemoTooLarge

# Source: product specification, P-08
MOST_SECONDS = 30
CAP_MICRO_USD = 20_000
MOST_INPUT_BYTES = 1_048_576
HOUR_DEMOS = 5  # by address
AGENT_DEMOS = 200  # by agent and day
SHOWN_MINUTES = 60
# of our own: demos that wait for one of the places, so that nobody waits for minutes
MOST_WAITING = 8


def refuse_large(given: dict[str, Any]) -> None:
    """Raises: DemoTooLarge."""
    size = len(json.dumps(given, ensure_ascii=False).encode(errors="surrogatepass"))
    if size > MOST_INPUT_BYTES:
        raise DemoTooLarge(
            f"A demo takes at most 1 MiB of input, {MOST_INPUT_BYTES:,} bytes; this has {size:,}."
            " Shorten it, or make an account and run all of it."
        )


def marks_of(address: str, key: bytes, now: datetime) -> list[str]:
    """Today's mark of the address, then yesterday's: an hour that began before midnight goes on. Neither can be led back to the address."""
    days = (now.astimezone(UTC).date(), (now.astimezone(UTC) - timedelta(days=1)).date())
    return [_mark(place_of(address), key, day) for day in days]


def _mark(place: str, key: bytes, day: date) -> str:
    return hmac.new(key, f"demo {day.isoformat()} {place}".encode(), hashlib.sha256).hexdigest()


def minutes_until(at: datetime, now: datetime) -> int:
    return max(1, -(-int((at - now).total_seconds()) // 60))
