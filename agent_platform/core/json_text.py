"""JSON as people and programs write it: read in one way only, and searched for what a database cannot keep."""

import json
import math
from typing import Any

from agent_platform.core.errors import Problem
from agent_platform.core.storable import UNSTORABLE, storable

DEEPEST = 64
LARGEST_NUMBER = 10**308  # beyond it a whole number cannot be held against the bounds of a schema, which are floats
MOST_DIGITS = 310
LONGEST_PATH = 200


class JsonUnreadable(ValueError):
    """The text is no JSON, or can be read in two ways; says why in words that follow a colon."""


def read_strictly(text: str) -> Any:
    """Raises: JsonUnreadable."""
    try:
        return json.loads(text, parse_constant=_no_number, parse_int=_whole, object_pairs_hook=_once_each)
    except RecursionError:
        raise JsonUnreadable("it is nested too deeply") from None
    except json.JSONDecodeError as fault:
        raise JsonUnreadable(f"{fault.msg.lower()} at line {fault.lineno}, column {fault.colno}") from None


def find_unstorable(value: Any, path: str = "") -> Problem | None:
    """The first place that cannot be kept; the message follows the name of the place."""
    return _find(value, path, 1)


def _find(value: Any, path: str, depth: int) -> Problem | None:
    if depth > DEEPEST:
        return Problem(path.partition(".")[0], f"is nested deeper than {DEEPEST} levels.")
    if isinstance(value, dict | list):
        return _find_inside(value, path, depth)
    fault = _fault(value)
    return Problem(path, fault) if fault else None


def _find_inside(value: dict[str, Any] | list[Any], path: str, depth: int) -> Problem | None:
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        shown = storable(str(name))
        place = f"{path}.{shown}"[:LONGEST_PATH] if path else shown[:LONGEST_PATH]
        if isinstance(name, str) and (fault := _fault(name)):
            return Problem(place, fault)
        if found := _find(inner, place, depth + 1):
            return found
    return None


def _fault(value: Any) -> str:
    if isinstance(value, str) and "\0" in value:
        return "holds a NUL character, which cannot be kept. Remove it."
    if isinstance(value, str) and UNSTORABLE.search(value):
        return "holds half a character, which cannot be kept. Write it anew."
    if isinstance(value, int) and abs(value) >= LARGEST_NUMBER:
        return "holds a number that is too large."
    return "holds a number that is too large." if isinstance(value, float) and not math.isfinite(value) else ""


def _no_number(name: str) -> Any:
    raise JsonUnreadable(f"{name} is no number")


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise JsonUnreadable("a number in it is too large")
    return int(digits)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values nobody can say which is meant, and money may hang on it."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise JsonUnreadable("a name stands twice in one object")
    return found
