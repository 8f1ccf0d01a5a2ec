"""The input of a form as one JSON document: written from the form, read strictly, led back where the form can show all of it."""

import json
from typing import Any

from agent_platform.core.errors import Problem
from agent_platform.core.json_text import JsonUnreadable, find_unstorable, read_strictly
from agent_platform.views.form_kinds import LINES, ROWS, Schema, entry_of, kind_of, rules_of
from agent_platform.views.form_reading import read_form
from agent_platform.views.form_texts import is_blank, read_rows, text_of
from agent_platform.views.forms import FieldView, fields_of, raw_of

TEXT_CANNOT_SHOW = {"select", "date"}  # their controls are empty for a text that is no choice and no date
TEXT_SHOWS = (str, int, float)


def document_of(schema: Schema, raw: dict[str, str]) -> str:
    """What the form holds, indented; what cannot be read keeps its text, so that nothing typed is lost."""
    return written(_held(schema, raw))


def written(document: dict[str, Any]) -> str:
    """As it stands in the editor."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def read_document(text: str) -> dict[str, Any]:
    """The whole input. Raises: ValueError with a sentence."""
    if not text.strip():
        raise ValueError("There is nothing here. Write an object; one without any fields is {}.")
    try:
        document = read_strictly(text)
    except JsonUnreadable as fault:
        raise ValueError(f"This is not valid JSON: {fault}.") from None
    if not isinstance(document, dict):
        raise ValueError('The input must be an object in braces, such as {"name": "value"}.')  # noqa: TRY004  # one kind of fault for every wrong text
    if unstorable := find_unstorable(document):
        raise ValueError(f"{unstorable.path} {unstorable.message}")
    return document


def fields_of_document(schema: Schema, document: dict[str, Any]) -> list[FieldView]:
    """The fields with what the document says or a run would add, and no prefill."""
    rules = rules_of(schema)
    return fields_of(schema, {name: document.get(name, rule.get("default")) for name, rule in rules.items()})


def beyond_form(schema: Schema, document: dict[str, Any]) -> str:
    """Why the form would hold another input than the document, or nothing."""
    return _beyond(schema, document, raw_of(fields_of_document(schema, document)))


def lines_of(problems: tuple[Problem, ...]) -> str:
    """Each on a line of its own, after its path if it does not begin with it."""
    return "\n".join(
        one.message if one.message.startswith(one.path) else f"{one.path}: {one.message}" for one in problems
    )


def _held(schema: Schema, raw: dict[str, str]) -> dict[str, Any]:
    rules, (values, errors) = rules_of(schema), read_form(schema, raw)
    held = {**{name: _as_typed(rules[name], raw[name]) for name in errors if raw.get(name, "").strip()}, **values}
    return {name: held[name] for name in rules if name in held}


def _as_typed(rule: Schema, text: str) -> Any:
    """Rows cell by cell; pairs as pairs where a name is missing or stands there twice."""
    try:
        rows = [row for row in read_rows(rule, text) if not is_blank(row)] if kind_of(rule) in ROWS else []
    except ValueError:
        rows = []
    entry = entry_of(rule)
    if kind_of(rule) == "table" and rows:
        return [_held(entry, row) for row in rows]
    pairs = {name.strip(): _held({"properties": {"": entry}}, {"": value}).get("", "") for name, value in rows}
    return pairs if pairs and len(pairs) == len(rows) and "" not in pairs else rows or text


def _beyond(schema: Schema, document: dict[str, Any], raw: dict[str, str]) -> str:
    rules, (back, errors) = rules_of(schema), read_form(schema, raw)
    for name, value in document.items():
        if name not in rules:
            return f"{name}: the form has no such field. Correct or remove it here first."
        shown = _shows(rules[name], value) if name in errors else _same(rules[name], value, back.get(name))
        if not shown:
            return f"{name}: the form cannot show this value as it is. Change it here first."
    return ""


def _shows(rule: Schema, value: Any) -> bool:
    """Whether a wrong value stands in its field as it is, where the form marks it."""
    kind = kind_of(rule)
    if kind == "table":
        return isinstance(value, list) and all(_row_shows(entry_of(rule), row) for row in value)
    if kind == "key-value":
        scalar = not isinstance(value, dict) or all(isinstance(one, TEXT_SHOWS) for one in value.values())
        return scalar and len(read_rows(rule, text_of(rule, value))) == len(value)
    return kind in {"json", *LINES} or (isinstance(value, TEXT_SHOWS) and kind not in TEXT_CANNOT_SHOW)


def _row_shows(schema: Schema, row: Any) -> bool:
    rules = rules_of(schema)
    return isinstance(row, dict) and not _beyond(
        schema, row, {name: text_of(rules[name], cell) for name, cell in row.items() if name in rules}
    )


def _same(rule: Schema, value: Any, back: Any) -> bool:
    if value in (None, "", [], {}):  # an empty field, for which a run takes the default
        return rule.get("default", value) == value
    if isinstance(value, str) and "\n" in value and kind_of(rule) in {"text", "url", "secret"}:
        return False
    return _equal(value, back)


def _equal(one: Any, other: Any) -> bool:
    """As JSON has it: true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(inner, other[name]) for name, inner in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)
