"""The limits of a demo, and what is kept of a visitor's address. Pure."""

import hashlib
import hmac
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agent_platform.core.uploads import MOST_DEMO_BYTES
from agent_platform.core.visit import place_of
from agent_platform.services.visitors.errors import DemoTooLarge

KEY = re.compile(r"[A-Za-z0-9_-]{43}")
# Source: product specification, P-08
MOST_SECONDS = 30
CAP_MICRO_USD = 20_000
HOUR_DEMOS = 5  # by address
AGENT_DEMOS = 200  # by agent and day
SHOWN_MINUTES = 60
# of our own: demos that wait for one of the places, so that nobody waits for minutes
MOST_WAITING = 8
# of our own: files that nobody has to answer for, and that may be sent without a demo ever being started
HOUR_FILES = 10  # by address
AGENT_FILES_BYTES = 64 << 20  # of one agent, so that a crowd at one leaves room for the others
ALL_FILES_BYTES = 256 << 20
LEAST_FILE_BYTES = 64 << 10  # what a smaller one counts as, for its row and its place on the disk


def refuse_large(given: dict[str, Any], *, files_bytes: int = 0) -> None:
    """Raises: DemoTooLarge."""
    size = len(json.dumps(given, ensure_ascii=False).encode(errors="surrogatepass")) + files_bytes
    if size > MOST_DEMO_BYTES:
        raise DemoTooLarge(
            f"A demo takes at most 1 MiB of input, {MOST_DEMO_BYTES:,} bytes, its files included; this has {size:,}."
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
