"""JSON values of an agent as text that is safe to show, and the titles of its schemas."""

import json
from typing import Any

from agent_platform.views.format import plain_text
from agent_platform.views.run_words import one_line

MOST_CELL = 300
MOST_JSON = 60_000
NOTHING = "\N{EM DASH}"
REST = "\nThe rest is in the export."
SCALAR = (str, int, float)
NUMBERS = frozenset({"integer", "number"})


def cell_text(value: Any) -> str:
    """A JSON value as one line of text."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, list) and all(isinstance(part, SCALAR) for part in value):
        text = ", ".join(cell_text(part) for part in value)
    elif isinstance(value, dict) and all(isinstance(part, SCALAR) for part in value.values()):
        text = ", ".join(f"{name}: {cell_text(part)}" for name, part in value.items())
    elif isinstance(value, SCALAR):
        text = _scalar_text(value)
    else:
        text = json.dumps(value, ensure_ascii=False)
    return one_line(text, MOST_CELL) or NOTHING


def _scalar_text(value: str | float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def pretty_json(value: Any) -> str:
    """Indented JSON of at most 60,000 characters, safe to show."""
    text = plain_text(json.dumps(value, ensure_ascii=False, indent=2))
    return text if len(text) <= MOST_JSON else text[:MOST_JSON] + REST


def title_of(key: str, schema: dict[str, Any]) -> str:
    """What the schema calls a property, with its unit."""
    title = bare_title_of(key, schema)
    unit = schema.get("unit")
    return f"{title}, {one_line(str(unit), 20)}" if unit else title


def bare_title_of(key: str, schema: dict[str, Any]) -> str:
    return one_line(str(schema.get("title") or human(key)), 60)


def human(name: str) -> str:
    words = one_line(name.replace("_", " "), 60)
    return words[:1].upper() + words[1:]


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_numeric(schema: dict[str, Any] | None, values: list[Any]) -> bool:
    """By its schema, or else by the values found."""
    if schema and schema.get("type"):
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return bool(NUMBERS & set(kinds)) and set(kinds) <= NUMBERS | {"null"}
    filled = [value for value in values if value is not None]
    return bool(filled) and all(is_number(value) for value in filled)


def properties_of(output: dict[str, Any], part: str) -> dict[str, Any]:
    """Properties of `item` or `result`, empty where the manifest says nothing of them."""
    return (output.get(part) or {}).get("properties") or {}


def listed(names: list[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
