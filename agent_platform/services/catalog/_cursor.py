"""Where the next page begins, as one opaque word. A wrong or hostile one is no cursor: the list begins at its first page."""

import base64
import binascii
import json
import math
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

LONGEST = 400
LARGEST = 2**53


@dataclass(frozen=True)
class Cursor:
    """The last entry seen: its sort key (a number, or a moment for the newest) and its id."""

    key: float | int | datetime
    id: UUID


def written(sort: str, key: float | datetime, listing_id: UUID) -> str:
    shown = key.isoformat() if isinstance(key, datetime) else key
    return base64.urlsafe_b64encode(json.dumps([sort, shown, listing_id.hex]).encode()).decode().rstrip("=")


def read(sort: str, text: str | None) -> Cursor | None:
    """None for no cursor, one of another order, and anything that was not written here."""
    if not text or len(text) > LONGEST:
        return None
    try:
        content = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        order, key, listing_id = json.loads(content)
        if order != sort or not isinstance(listing_id, str):
            return None
        return Cursor(_key(sort, key), UUID(hex=listing_id))
    except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError):
        return None


def leads_on(sort: str, text: str) -> bool:
    """Whether the word was written here for this order."""
    return read(sort, text) is not None


def _key(sort: str, key: object) -> float | int | datetime:
    if sort == "newest":
        moment = datetime.fromisoformat(str(key))
        if moment.tzinfo is None:
            raise ValueError
        return moment
    if isinstance(key, bool) or not isinstance(key, int | float) or not math.isfinite(key) or abs(key) > LARGEST:
        raise ValueError
    return key
