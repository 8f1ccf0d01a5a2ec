"""The input of a form as one JSON document: written from the form, read strictly, led back where the form can show all of it."""

import json
from typing import Any

from agent_platform.core.errors import Problem
from agent_platform.core.json_text import JsonUnreadable, find_unstorable, read_strictly
from agent_platform.views.forms import FieldView, Schema, fields_of, kind_of, raw_of, read_form

TEXT_CANNOT_SHOW = {"select", "date"}  # their controls are empty for a text that is no choice and no date
TEXT_SHOWS = (str, int, float)


def document_of(schema: Schema, raw: dict[str, str]) -> str:
    """What the form holds, indented; a field that cannot be read keeps its text, so that nothing typed is lost."""
    values, errors = read_form(schema, raw)
    held = {**{name: raw[name] for name in errors if raw.get(name, "").strip()}, **values}
    ordered = {name: held[name] for name in schema.get("properties", {}) if name in held}
    return json.dumps(ordered, indent=2, ensure_ascii=False)


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
    rules = schema.get("properties", {})
    return fields_of(schema, {name: document.get(name, rule.get("default")) for name, rule in rules.items()})


def beyond_form(schema: Schema, document: dict[str, Any]) -> str:
    """Why the form would hold another input than the document, or nothing."""
    rules = schema.get("properties", {})
    back, errors = read_form(schema, raw_of(fields_of_document(schema, document)))
    for name, value in document.items():
        if name not in rules:
            return f"{name}: the form has no such field. Correct or remove it here first."
        shown = _shows(rules[name], value) if name in errors else _same(rules[name], value, back.get(name))
        if not shown:
            return f"{name}: the form cannot show this value as it is. Change it here first."
    return ""


def lines_of(problems: tuple[Problem, ...]) -> str:
    """Each on a line of its own, after its path if it does not begin with it."""
    return "\n".join(
        one.message if one.message.startswith(one.path) else f"{one.path}: {one.message}" for one in problems
    )


def _shows(rule: Schema, value: Any) -> bool:
    """Whether a wrong value stands in its field as it is, where the form marks it."""
    kind = kind_of(rule)
    return kind in {"json", "tags", "files"} or (isinstance(value, TEXT_SHOWS) and kind not in TEXT_CANNOT_SHOW)


def _same(rule: Schema, value: Any, back: Any) -> bool:
    if value in (None, "", []):  # an empty field, for which a run takes the default
        return rule.get("default", value) == value
    if isinstance(value, str) and "\n" in value and kind_of(rule) in {"text", "url", "secret"}:
        return False
    return value == back and isinstance(value, bool) == isinstance(back, bool)
