"""JSON as Postgres can store it."""

import json
import re
from collections.abc import Callable
from typing import Any

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
HALF = re.compile("[\ud800-\udfff]")
ESCAPE = "\\u"  # without one, text that is UTF-8 holds nothing that cannot be stored
DEEPEST = 250  # levels: who reads it later may stand deep in calls already


def read_storable(body: bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """The JSON of these bytes, as `storable` leaves it. Raises: ValueError; RecursionError when it is nested too deep."""
    text = body.decode("utf-8-sig")
    value = json.loads(text, parse_constant=parse_constant)
    if text.count("[") + text.count("{") > DEEPEST and _is_too_deep(value):
        raise RecursionError
    return storable(value) if ESCAPE in text else value


def storable(value: Any, *, instead: str = "\N{REPLACEMENT CHARACTER}") -> Any:
    """The same JSON without what Postgres cannot store: `instead` stands for each NUL and lone surrogate."""
    if isinstance(value, str):
        return _text(value, instead)
    if isinstance(value, list):
        return [storable(part, instead=instead) for part in value]
    if isinstance(value, dict):
        return {storable(name, instead=instead): storable(part, instead=instead) for name, part in value.items()}
    return value


def _text(value: str, instead: str) -> str:
    try:
        value.encode()  # a tenth of the time that an expression takes to look at every character
    except UnicodeEncodeError:
        value = HALF.sub(instead, value)
    return value.replace("\0", instead)


def _is_too_deep(value: Any) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        inside = (part for one in level for part in (one.values() if isinstance(one, dict) else one))
        level = [part for part in inside if isinstance(part, dict | list)]
    return bool(level)
