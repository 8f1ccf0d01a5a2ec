"""Would a new version break those who use the old one? Each breaking difference with its path (P-37).

Input may ask for less and allow more, output may give more and promise more; the other way round breaks somebody.
"""

from collections.abc import Iterator
from typing import Any

from agent_platform.core.errors import Problem
from agent_platform.services.agents import Manifest

Schema = dict[str, Any]
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
ALL_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})


def breaking_changes(old: Manifest, new: Manifest) -> tuple[Problem, ...]:
    """Differences between two manifests that need a new major version; empty if there are none."""
    found = list(_narrower("input", old.input_schema, new.input_schema))
    for part in ("item", "result"):
        before, after = old.output[part], new.output[part]
        if before is not None and after is None:
            found.append(Problem(f"output.{part}", "This is no longer described; consumers relied on its fields."))
        elif before is not None and after is not None:
            found += _looser(f"output.{part}", before, after)
    return tuple(found)


def _narrower(path: str, old: Schema, new: Schema) -> Iterator[Problem]:
    """Values that were accepted and are not any more."""
    if not _types(old) <= _types(new):
        yield Problem(f"{path}.type", f"{_shown(old)} was accepted, now only {_shown(new)}.")
        return
    if "enum" in new and not _subset(old.get("enum"), new["enum"]):
        yield Problem(f"{path}.enum", "Choices that were accepted are gone.")
    for key in LOWER:
        if key in new and new[key] > old.get(key, float("-inf")):
            yield Problem(f"{path}.{key}", f"{key} is now {new[key]}, which refuses values that were accepted.")
    for key in UPPER:
        if key in new and new[key] < old.get(key, float("inf")):
            yield Problem(f"{path}.{key}", f"{key} is now {new[key]}, which refuses values that were accepted.")
    for key in ("pattern", "format", "const"):
        if key in new and new[key] != old.get(key):
            yield Problem(f"{path}.{key}", f"A new {key} refuses values that were accepted.")
    yield from _narrower_fields(path, old, new)
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from _narrower(f"{path}.items", old["items"], new["items"])


def _narrower_fields(path: str, old: Schema, new: Schema) -> Iterator[Problem]:
    before, after = _fields(old), _fields(new)
    for name in sorted(set(_required(new)) - set(_required(old))):
        yield Problem(f"{path}.required", f"{name} is required now; callers do not send it.")
    for name in before:
        if name not in after:
            yield Problem(f"{path}.properties.{name}", "The field is gone; callers that send it are refused.")
        else:
            yield from _narrower(f"{path}.properties.{name}", before[name], after[name])


def _looser(path: str, old: Schema, new: Schema) -> Iterator[Problem]:
    """Promises about the output that are not kept any more."""
    if not _types(new) <= _types(old):
        yield Problem(f"{path}.type", f"{_shown(old)} was promised, now it may be {_shown(new)}.")
        return
    if "enum" in old and not _subset(new.get("enum"), old["enum"]):
        yield Problem(f"{path}.enum", "Values that were never given before are possible now.")
    before, after = _fields(old), _fields(new)
    for name in sorted(set(_required(old)) - set(_required(new))):
        if name in after:
            yield Problem(f"{path}.required", f"{name} was always given and may be missing now.")
    for name in before:
        if name not in after:
            yield Problem(f"{path}.properties.{name}", "The field is gone; consumers read it.")
        else:
            yield from _looser(f"{path}.properties.{name}", before[name], after[name])
    if isinstance(old.get("items"), dict) and isinstance(new.get("items"), dict):
        yield from _looser(f"{path}.items", old["items"], new["items"])


def _types(schema: Schema) -> frozenset[str]:
    """The types a schema allows; every integer is a number."""
    given = schema.get("type")
    names = {given} if isinstance(given, str) else set(given) if given else set(ALL_TYPES)
    return frozenset(names | ({"integer"} if "number" in names else set()))


def _shown(schema: Schema) -> str:
    given = schema.get("type", "anything")
    return given if isinstance(given, str) else " or ".join(given)


def _subset(inner: list[Any] | None, outer: list[Any]) -> bool:
    return inner is not None and all(value in outer for value in inner)


def _fields(schema: Schema) -> dict[str, Schema]:
    return {name: field for name, field in schema.get("properties", {}).items() if isinstance(field, dict)}


def _required(schema: Schema) -> list[str]:
    return schema.get("required", [])
