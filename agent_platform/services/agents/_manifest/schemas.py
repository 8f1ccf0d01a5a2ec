"""The JSON Schemas of a manifest: 2020-12 without references outward, bounded in size, depth and cost."""

import json
from typing import Any

from agent_platform.services.agents._manifest.checks import Findings, kind_of, nearest
from agent_platform.services.agents._manifest.references import check_references
from agent_platform.services.agents._manifest.vocabulary import (
    COUNTS,
    DIALECT,
    EDITORS,
    FLAGS,
    KEYWORDS,
    LISTS,
    NUMBERS,
    ONE_SCHEMA,
    PAIRS,
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    SPECIAL,
    TEXTS,
    TYPES,
)
from agent_platform.services.agents._patterns import PatternRefused, longest_text
from agent_platform.services.agents._values import KNOWN_FORMATS, validator_of

MOST_BYTES = 64 * 1024


def check_schema(findings: Findings, path: str, schema: Any, *, must_be_object: bool) -> dict[str, Any] | None:
    """The schema itself, or None if it has a mistake, which is noted."""
    before = len(findings.problems)
    if not isinstance(schema, dict):
        findings.add(
            path, f"This is {kind_of(schema)}; write a JSON Schema, such as {{type: object, properties: {{}}}}."
        )
        return None
    size = len(json.dumps(schema, ensure_ascii=False).encode())
    if size > MOST_BYTES:
        findings.add(path, f"The schema has {size // 1024} KiB; at most {MOST_BYTES // 1024} KiB are allowed.")
        return None
    if must_be_object and schema.get("type") != "object":
        findings.add(f"{path}.type", "The outermost type must be object; write type: object.")
    _Walk(findings).visit(path, schema)
    check_references(findings, path, schema)
    if len(findings.problems) == before:
        _check_defaults(findings, path, schema, schema)
    return schema if len(findings.problems) == before else None


class _Walk:
    """Visits every schema inside a schema and checks the shape of each keyword."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def visit(self, path: str, schema: Any) -> None:
        if isinstance(schema, bool):
            return
        if not isinstance(schema, dict):
            self._findings.add(path, f"This is {kind_of(schema)}; write a schema, such as {{type: string}}.")
            return
        for key, value in schema.items():
            self._keyword(f"{path}.{key}", key, value)
        self._check_pairs(path, schema)
        self._check_required(path, schema)
        self._check_file(path, schema)

    def _keyword(self, path: str, key: str, value: Any) -> None:
        if key not in KEYWORDS:
            close = nearest(key, KEYWORDS) if len(nearest(key, KEYWORDS)) < 60 else "remove it."
            self._findings.add(path, f'"{key}" is no keyword of a schema here; {close}')
        elif key in SCHEMA_MAPS or key in SCHEMA_LISTS or key in ONE_SCHEMA:
            self._inner(path, key, value)
        elif key in SPECIAL:
            getattr(self, f"_{key.lstrip('$').lower()}")(path, value)
        else:
            self._shape(path, key, value)

    def _inner(self, path: str, key: str, value: Any) -> None:
        if key in ONE_SCHEMA:
            self.visit(path, value)
        elif key in SCHEMA_LISTS:
            if self._is(path, value, list, "a list of schemas") and not value:
                self._findings.add(path, "This list is empty; add a schema or remove the key.")
            for number, inner in enumerate(value if isinstance(value, list) else ()):
                self.visit(f"{path}[{number}]", inner)
        elif self._is(path, value, dict, "a mapping from names to schemas"):
            for name, inner in value.items():
                self._check_name(f"{path}.{name}", name, key)
                self.visit(f"{path}.{name}", inner)

    def _check_name(self, path: str, name: str, key: str) -> None:
        if key == "properties" and name.startswith("_"):
            self._findings.add(path, f'Names that begin with _ belong to the platform; call it "{name.lstrip("_")}".')
        elif not 1 <= len(name) <= 64:
            self._findings.add(path, "A name has 1 to 64 characters; choose another.")

    def _shape(self, path: str, key: str, value: Any) -> None:
        if key in COUNTS and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            self._findings.add(path, "Write a whole number from 0.")
        elif key in NUMBERS and (not isinstance(value, int | float) or isinstance(value, bool)):
            self._findings.add(path, "Write a number.")
        elif key == "multipleOf" and value <= 0:
            self._findings.add(path, "Write a number above 0.")
        elif key in FLAGS:
            self._is(path, value, bool, "true or false")
        elif key in TEXTS:
            self._is(path, value, str, "text")
        elif key in LISTS and self._is(path, value, list, "a list") and key == "enum" and not value:
            self._findings.add(path, "This list is empty; name the choices.")

    def _type(self, path: str, value: Any) -> None:
        for name in value if isinstance(value, list) and value else (value,):
            if name not in TYPES:
                shown = name if isinstance(name, str) else kind_of(name)
                self._findings.add(path, f'"{shown}" is no type; {nearest(str(shown), TYPES)}')

    def _format(self, path: str, value: Any) -> None:
        if self._is(path, value, str, "text") and value not in KNOWN_FORMATS:
            self._findings.add(path, f'"{value[:60]}" is no format; {nearest(value, KNOWN_FORMATS)}')

    def _editor(self, path: str, value: Any) -> None:
        if self._is(path, value, str, "text") and value not in EDITORS:
            self._findings.add(path, f'"{value[:60]}" is no editor; {nearest(value, EDITORS)}')

    def _pattern(self, path: str, value: Any) -> None:
        if self._is(path, value, str, "text"):
            try:
                longest_text(value)
            except PatternRefused as refusal:
                self._findings.add(path, str(refusal))

    def _max_mb(self, path: str, value: Any) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 100:
            self._findings.add(path, "Write a number above 0, at most 100.")

    def _dependentrequired(self, path: str, value: Any) -> None:
        if self._is(path, value, dict, "a mapping from names to lists of names"):
            for name, names in value.items():
                if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
                    self._findings.add(f"{path}.{name}", "Write a list of property names.")

    def _schema(self, path: str, value: Any) -> None:
        if value != DIALECT:
            self._findings.add(path, f"Only {DIALECT} is understood; remove this line.")

    def _is(self, path: str, value: Any, kind: type, words: str) -> bool:
        if isinstance(value, kind):
            return True
        self._findings.add(path, f"This is {kind_of(value)}; write {words}.")
        return False

    def _check_pairs(self, path: str, schema: dict[str, Any]) -> None:
        for low, high in PAIRS:
            least, most = schema.get(low), schema.get(high)
            if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
                self._findings.add(f"{path}.{low}", f"{low} {least} is above {high} {most}; nothing could fit.")

    def _check_required(self, path: str, schema: dict[str, Any]) -> None:
        properties, required = schema.get("properties"), schema.get("required")
        if not isinstance(required, list) or not (properties or schema.get("type") == "object"):
            return  # a branch such as anyOf: [{required: [a]}] speaks of the properties around it
        known = properties if isinstance(properties, dict) else {}
        for number, name in enumerate(required):
            if not isinstance(name, str) or name not in known:
                hint = nearest(str(name), known) if known else "there are no properties."
                self._findings.add(f"{path}.required[{number}]", f'"{name}" is not among the properties; {hint}')
            elif isinstance(known[name], dict) and "default" in known[name]:
                self._findings.add(
                    f"{path}.properties.{name}.default",
                    "A required field must not have a default; use prefill, or take it out of required.",
                )

    def _check_file(self, path: str, schema: dict[str, Any]) -> None:
        if schema.get("format") == "file" and schema.get("type") != "string":
            self._findings.add(f"{path}.type", "A file field has type: string; its value is the id of the file.")
        for key in ("accept", "max_mb"):
            if key in schema and schema.get("format") != "file":
                self._findings.add(f"{path}.{key}", f"{key} belongs to a file field; add format: file.")


def _check_defaults(findings: Findings, path: str, root: dict[str, Any], schema: dict[str, Any]) -> None:
    validator = validator_of(root)
    for name, field in schema.get("properties", {}).items():
        if not isinstance(field, dict):
            continue
        if "default" in field:
            for error in list(validator.evolve(schema=field).iter_errors(field["default"]))[:1]:
                findings.add(
                    f"{path}.properties.{name}.default", f"The default does not fit the field: {error.message[:160]}"
                )
        _check_defaults(findings, f"{path}.properties.{name}", root, field)
