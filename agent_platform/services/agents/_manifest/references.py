"""References inside a schema: only to `$defs` of the same schema, never in a circle, never a multiplication."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent_platform.services.agents._manifest.checks import Findings

PREFIX = "#/$defs/"
MOST_DEPTH = 6
MOST_EXPANDED = 5_000
ONE = ("items", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not")
LISTS = ("prefixItems", "allOf", "anyOf", "oneOf")
MAPS = ("properties", "dependentSchemas")
FREE = frozenset(
    {"if", "then", "else", "not", "allOf", "anyOf", "oneOf"}
)  # the same value is looked at again, not one below


@dataclass(frozen=True)
class _Size:
    depth: int
    count: int


def check_references(findings: Findings, path: str, root: dict[str, Any]) -> None:
    """Notes references outward, dangling and circular ones, and schemas deeper or larger than the limits."""
    measure = _Measure(findings, path, root)
    size = measure.of(root, path)
    for name in measure.definitions:
        measure.define(name)
    if size.depth > MOST_DEPTH:
        findings.add(
            path, f"The schema is {size.depth} levels deep; at most {MOST_DEPTH} are allowed. Make it flatter."
        )
    elif size.count > MOST_EXPANDED:
        findings.add(
            path, f"With its references written out the schema has more than {MOST_EXPANDED:,} parts; simplify it."
        )


class _Measure:
    def __init__(self, findings: Findings, path: str, root: dict[str, Any]) -> None:
        found = root.get("$defs")
        self.definitions: dict[str, Any] = found if isinstance(found, dict) else {}
        self._findings = findings
        self._path = path
        self._root = root
        self._known: dict[str, _Size] = {}
        self._under_way: list[str] = []

    def of(self, schema: Any, path: str) -> _Size:
        if not isinstance(schema, dict):
            return _Size(0, 1)
        if "$defs" in schema and schema is not self._root:
            self._findings.add(f"{path}.$defs", "$defs belongs at the outermost level of the schema; move it there.")
        sizes = [
            _Size(size.depth + (0 if key in FREE else 1), size.count)
            for key, inner, place in _children(schema, path)
            for size in (self.of(inner, place),)
        ]
        if isinstance(schema.get("$ref"), str):
            sizes.append(self._referred(schema["$ref"], f"{path}.$ref"))
        return _Size(
            max((size.depth for size in sizes), default=1),
            min(1 + sum(size.count for size in sizes), 10 * MOST_EXPANDED),
        )

    def _referred(self, reference: str, path: str) -> _Size:
        name = reference.removeprefix(PREFIX)
        if not reference.startswith(PREFIX) or name not in self.definitions:
            self._findings.add(
                path, f'"{reference[:80]}" is not in this schema; refer to #/$defs/name and define it there.'
            )
            return _Size(0, 1)
        if name in self._under_way:
            self._findings.add(path, f"{reference} refers to itself; write the levels out.")
            return _Size(0, 1)
        return self.define(name)

    def define(self, name: str) -> _Size:
        """The size of a definition, measured once."""
        if name not in self._known:
            self._under_way.append(name)
            self._known[name] = self.of(self.definitions[name], f"{self._path}.$defs.{name}")
            self._under_way.pop()
        return self._known[name]


def _children(schema: dict[str, Any], path: str) -> Iterator[tuple[str, Any, str]]:
    for key in ONE:
        if key in schema:
            yield key, schema[key], f"{path}.{key}"
    for key in LISTS:
        if isinstance(schema.get(key), list):
            yield from ((key, inner, f"{path}.{key}[{number}]") for number, inner in enumerate(schema[key]))
    for key in MAPS:
        if isinstance(schema.get(key), dict):
            yield from ((key, inner, f"{path}.{key}.{name}") for name, inner in schema[key].items())
