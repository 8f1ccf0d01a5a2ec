"""Which objects a label or field selector means: equality and existence, the only forms in use."""

from typing import Any


def matches(thing: dict[str, Any], labels: str, fields: str = "") -> bool:
    have = thing["metadata"].get("labels") or {}
    return all(_label(have, part) for part in labels.split(",") if part) and all(
        _field(thing, part) for part in fields.split(",") if part
    )


def _label(have: dict[str, str], part: str) -> bool:
    name, equals, value = part.partition("=")
    return have.get(name) == value if equals else name in have


def _field(thing: Any, part: str) -> bool:
    path, _, value = part.partition("=")
    for name in path.split("."):
        thing = (thing or {}).get(name)
    return thing == value
