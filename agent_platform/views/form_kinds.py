"""Which editor a property of a JSON Schema gets in a form."""

from typing import Any

Schema = dict[str, Any]
LONG_TEXT = 200
LONG_EDITORS = {"area", "textarea", "markdown"}
NUMBERS = {"integer", "number"}
CELLS = {"text", "textarea", "url", "date", "integer", "number", "boolean", "select"}
FILE_KINDS = {"file", "files"}
LINES = {"tags", "files"}  # entries that are texts
ROWS = {"table", "key-value"}  # entries that are made of cells


def kind_of(rule: Schema) -> str:
    """The editor for one property; the annotation `editor` wins where it fits the type."""
    kind = rule.get("type") if isinstance(rule.get("type"), str) else ""
    if rule.get("secret"):
        return "secret"
    if "enum" in rule and kind in {"string", *NUMBERS}:
        return "select"
    if kind == "array":
        return _list_kind(rule)
    if kind == "object":
        return "key-value" if _holds_pairs(rule) else "json"
    if kind == "string":
        return _text_kind(rule)
    return kind if kind in {"boolean", *NUMBERS} else "json"


def rules_of(schema: Schema) -> dict[str, Schema]:
    """Each property by its name; one that may be anything has no rules."""
    return {name: _rules(rule) for name, rule in schema.get("properties", {}).items()}


def entry_of(rule: Schema) -> Schema:
    """The rules of each entry of a list, or of each value of key-value, which is text unless it says otherwise."""
    if rule.get("type") == "array":
        return _rules(rule.get("items"))
    return _rules(rule.get("additionalProperties")) or {"type": "string"}


def title_of(name: str, rule: Schema) -> str:
    """Its title, or its name as a label: `Max pages` for `max_pages`."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return rule.get("title") or words[:1].upper() + words[1:]


def most_entries(rule: Schema) -> int:
    """0 where there is no limit."""
    return rule.get("maxItems" if rule.get("type") == "array" else "maxProperties", 0)


def _rules(rule: Any) -> Schema:
    return rule if isinstance(rule, dict) else {}


def _list_kind(rule: Schema) -> str:
    entry = entry_of(rule)
    if entry.get("format") == "file":
        return "files"
    if rule.get("editor") == "json":
        return "json"
    if entry.get("type") == "string":
        return "tags"
    return "table" if _is_row(entry) else "json"


def _is_row(entry: Schema) -> bool:
    columns = rules_of(entry)
    return entry.get("type") == "object" and bool(columns) and all(kind_of(one) in CELLS for one in columns.values())


def _holds_pairs(rule: Schema) -> bool:
    if rule.get("properties") or rule.get("editor") == "json" or rule.get("additionalProperties") is False:
        return False
    declared = bool(_rules(rule.get("additionalProperties")))
    return kind_of(entry_of(rule)) in CELLS if declared else rule.get("editor") == "key-value"


def _text_kind(rule: Schema) -> str:
    form = {"file": "file", "date": "date", "uri": "url", "url": "url"}.get(rule.get("format", ""))
    if form or rule.get("editor") == "code":
        return form or "code"
    return "textarea" if rule.get("editor") in LONG_EDITORS or rule.get("maxLength", 0) > LONG_TEXT else "text"
