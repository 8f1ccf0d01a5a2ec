"""The events of the runtime protocol, read strictly: an agent is hostile until shown otherwise."""

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from agent_platform.core.storable import DEEPEST, read_storable
from agent_platform.services.runs.errors import EventRefused

MOST_EVENTS = 100
MOST_ITEMS = 1_000
MOST_ITEM_BYTES = 262_144
MOST_LINE_CHARACTERS = 8_192
MOST_KEY_CHARACTERS = 200
TYPES = frozenset({"log", "progress", "items", "charge", "result", "error"})
LEVELS = frozenset({"debug", "info", "warn", "error"})
CLASSES = frozenset({"agent", "input", "upstream"})
# what an agent may say of itself besides `agent_error`: which limit it met
LIMIT_CODES = frozenset({"disk_full", "out_of_memory", "too_many_processes"})


@dataclass(frozen=True)
class Event:
    """One event; only the fields of its type are filled. `payloads` are the items as JSON text."""

    seq: int
    at: str
    type: str
    level: str = "info"
    text: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    done: float | None = None
    total: float | None = None
    message: str | None = None
    items: tuple[dict[str, Any], ...] = ()
    payloads: tuple[str, ...] = ()
    keys: tuple[str | None, ...] = ()
    event: str | None = None
    count: int = 1
    value: Any = None
    error: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def dumps(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)


def read_events(body: bytes) -> list[Event]:
    """The batch in order. Raises: EventRefused with the place and the limit."""
    try:
        batch = read_storable(body, parse_constant=_no_constant)["events"]
    except RecursionError:
        raise EventRefused(f"The body is nested too deep: at most {DEEPEST} levels.") from None
    except (ValueError, KeyError, TypeError):
        raise EventRefused(
            'The body must be JSON in UTF-8 of the form {"events": [...]}; NaN and Infinity are not JSON.'
        ) from None
    if not isinstance(batch, list) or len(batch) > MOST_EVENTS:
        raise EventRefused(f"A batch is a list of at most {MOST_EVENTS} events.")
    try:
        events = [_read(raw) for raw in batch]
    except (ValueError, TypeError):
        raise EventRefused("An event holds a number beyond JSON.") from None
    if any(later.seq <= earlier.seq for earlier, later in pairwise(events)):
        raise EventRefused("The sequence numbers of a batch must rise.")
    return events


def _read(raw: Any) -> Event:
    if not isinstance(raw, dict) or raw.get("type") not in TYPES or not _is_count(raw.get("seq")):
        raise EventRefused(f"Each event needs a positive `seq` and a `type` of {', '.join(sorted(TYPES))}.")
    return READERS[raw["type"]]({"seq": raw["seq"], "at": str(raw.get("at", ""))[:40], "type": raw["type"]}, raw)


def _log(common: dict[str, Any], raw: dict[str, Any]) -> Event:
    level = raw.get("level") if raw.get("level") in LEVELS else "info"
    given = raw.get("fields")
    fields = given if isinstance(given, dict) else {}
    return Event(
        **common, level=str(level), text=str(raw.get("text", ""))[:MOST_LINE_CHARACTERS], fields=_small(fields)
    )


def _progress(common: dict[str, Any], raw: dict[str, Any]) -> Event:
    message = str(raw["message"])[:300] if raw.get("message") is not None else None
    return Event(**common, done=_number(raw.get("done")), total=_number(raw.get("total")), message=message)


def _items(common: dict[str, Any], raw: dict[str, Any]) -> Event:
    items = raw.get("items")
    if (
        not isinstance(items, list)
        or not 1 <= len(items) <= MOST_ITEMS
        or not all(isinstance(item, dict) for item in items)
    ):
        raise EventRefused(f"`items` is a list of 1 to {MOST_ITEMS} objects.")
    payloads = tuple(Event.dumps(item) for item in items)
    if any(len(payload) > MOST_ITEM_BYTES for payload in payloads):
        raise EventRefused(f"An item is larger than {MOST_ITEM_BYTES // 1024} KiB. Put large content into a file.")
    keys = raw.get("keys") or [None] * len(items)
    if not isinstance(keys, list) or len(keys) != len(items):
        raise EventRefused("`keys` has one entry for each item.")
    return Event(
        **common,
        items=tuple(items),
        payloads=payloads,
        keys=tuple(_key(key) for key in keys),
        event=_name(raw.get("event")),
    )


def _charge(common: dict[str, Any], raw: dict[str, Any]) -> Event:
    count = raw.get("count", 1)
    if not _is_count(count) or count > 1_000_000:
        raise EventRefused("`count` is a whole number from 1 to 1,000,000.")
    return Event(**common, event=_name(raw.get("event")), count=count, keys=(_key(raw.get("key")),))


def _result(common: dict[str, Any], raw: dict[str, Any]) -> Event:
    if len(Event.dumps(raw.get("value"))) > 4 * MOST_ITEM_BYTES:
        raise EventRefused("The result is larger than 1 MiB. Put large content into a file.")
    return Event(**common, value=raw.get("value"))


def _error(common: dict[str, Any], raw: dict[str, Any]) -> Event:
    failure = raw.get("class") if raw.get("class") in CLASSES else "agent"
    met = str(raw.get("code")) if raw.get("code") in LIMIT_CODES else "agent_error"
    codes = {"input": "input_invalid", "upstream": "upstream_refused", "agent": met}
    error = {
        "class": failure,
        "code": codes[str(failure)],
        "message": str(raw.get("message", ""))[:1_000] or "The agent failed without a message.",
        "retryable": bool(raw.get("retryable", False)),
        "field": str(raw["field"])[:100] if raw.get("field") else None,
        "traceback": str(raw["traceback"])[-8_000:] if raw.get("traceback") else None,
    }
    return Event(**common, error=error)


READERS = {"log": _log, "progress": _progress, "items": _items, "charge": _charge, "result": _result, "error": _error}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _number(value: Any) -> float | None:
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else None
    )


def _key(value: Any) -> str | None:
    if value is None:
        return None
    text = str(value)
    if not 0 < len(text) <= MOST_KEY_CHARACTERS:
        raise EventRefused(f"A key has 1 to {MOST_KEY_CHARACTERS} characters.")
    return text


def _name(value: Any) -> str | None:
    return str(value)[:100] if value is not None else None


def _small(fields: dict[str, Any]) -> dict[str, Any]:
    return {str(name)[:60]: str(value)[:500] for name, value in list(fields.items())[:20]}


def _no_constant(name: str) -> Any:
    raise ValueError(name)
