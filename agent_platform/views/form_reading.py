"""The answers of a form as typed values: the inverse of the texts that its fields hold."""

import math
from collections.abc import Iterable
from datetime import date
from typing import Any

from agent_platform.core.errors import Problem
from agent_platform.core.json_text import JsonUnreadable, find_unstorable, read_strictly
from agent_platform.views.form_kinds import LINES, ROWS, Schema, entry_of, kind_of, rules_of, title_of
from agent_platform.views.form_texts import is_blank, read_rows, text_of
from agent_platform.views.format import count, figure

AS_TYPED = {"textarea", "code", "secret"}  # blanks around it belong to it
MAY_BE_EMPTY = {"boolean", *LINES, *ROWS}


def read_form(schema: Schema, raw: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Typed values, and a sentence per field that cannot be read; an empty optional field is left out."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    required = set(schema.get("required", ()))
    for name, rule in rules_of(schema).items():
        text = raw.get(name, "")
        if text.strip():
            try:
                values[name] = _storable(_read(rule, text))
            except ValueError as fault:
                errors[name] = f"{title_of(name, rule)} {fault}"
        elif name in required and kind_of(rule) in MAY_BE_EMPTY:
            values[name] = _empty(rule)
        elif name in required:
            errors[name] = f"{title_of(name, rule)} is required."
    return values, errors


def faults_of(schema: Schema, raw: dict[str, str], problems: Iterable[Problem]) -> dict[str, str]:
    """What was refused beside the field that it is about, the first of each; in a table with the row as it is counted there."""
    rules, found = rules_of(schema), {}
    for one in problems:
        name, _, place = one.path.partition(".")
        found.setdefault(name, f"{_place(rules.get(name, {}), raw.get(name, ''), place)}{one.message}")
    return found


def _place(rule: Schema, text: str, place: str) -> str:
    kind, (inside, _, _) = kind_of(rule), place.partition(".")
    if kind == "key-value" and inside:
        return f"{inside}: "
    if kind != "table" or not inside.isdecimal():
        return ""
    filled = [number for number, row in enumerate(read_rows(rule, text), 1) if not is_blank(row)]
    return f"Row {filled[int(inside)]}: " if int(inside) < len(filled) else ""


def _empty(rule: Schema) -> Any:
    return {"boolean": False, "key-value": {}}.get(kind_of(rule), [])


def _read(rule: Schema, text: str) -> Any:
    reader = READERS.get(kind_of(rule))
    if reader:
        return reader(rule, text)
    return _within(rule, text if kind_of(rule) in AS_TYPED else text.strip(), "Length", "characters")


def _storable(value: Any) -> Any:
    if unstorable := find_unstorable(value):
        raise ValueError(unstorable.message)
    return value


def _read_table(rule: Schema, text: str) -> list[dict[str, Any]]:
    rows = []
    for number, cells in enumerate(read_rows(rule, text), 1):
        if is_blank(cells):
            continue
        row, faults = read_form(entry_of(rule), cells)
        if faults:
            raise ValueError(f"in row {number}: {next(iter(faults.values()))}")
        rows.append(row)
    return _within(rule, rows, "Items", "rows")


def _read_pairs(rule: Schema, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, (name, value) in enumerate(read_rows(rule, text), 1):
        if is_blank([name, value]):
            continue
        if not name.strip():
            raise ValueError(f"in row {number}: the name is missing.")
        if name.strip() in found:
            raise ValueError(f"in row {number}: the name {name.strip()} stands there already.")
        found[name.strip()] = _read_value(entry_of(rule), value, f"in row {number}: {name.strip()}")
    return _within(rule, found, "Properties", "entries")


def _read_value(rule: Schema, text: str, place: str) -> Any:
    if not text.strip() and kind_of(rule) not in {"text", "textarea", "boolean"}:
        raise ValueError(f"{place} needs a value.")
    try:
        return _read(rule, text)
    except ValueError as fault:
        raise ValueError(f"{place} {fault}") from None


def _read_number(rule: Schema, text: str) -> float:
    whole = kind_of(rule) == "integer"
    if "," in text:  # thousands to some, decimals to others
        raise ValueError(f"must be written without a comma, such as {'1000' if whole else '1000.5'}.")
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        raise ValueError("must be a whole number." if whole else "must be a number.") from None
    if isinstance(number, float) and not math.isfinite(number):
        raise ValueError("must be a number.")
    low, high = rule.get("minimum"), rule.get("maximum")
    if low is not None and number < low:
        raise ValueError(f"must be {figure(low)} or more.")
    if high is not None and number > high:
        raise ValueError(f"must be {figure(high)} or less.")
    return number


def _read_json(rule: Schema, text: str) -> Any:
    try:
        value = read_strictly(text)
    except JsonUnreadable as fault:
        raise ValueError(f"is not valid JSON: {fault}.") from None
    expected = {"object": dict, "array": list}.get(rule.get("type", ""))
    if expected and not isinstance(value, expected):
        raise ValueError(f"must be a JSON {rule['type']}.")
    return value


def _read_choice(rule: Schema, text: str) -> Any:
    choices = {text_of(rule, choice): choice for choice in rule["enum"]}
    if text not in choices:
        raise ValueError(f"must be one of {', '.join(choices)}.")
    return choices[text]


def _read_boolean(_: Schema, text: str) -> bool:
    return text.strip() in {"true", "on", "1"}


def _read_lines(rule: Schema, text: str) -> list[str]:
    return _within(rule, [line.strip() for line in text.split("\n") if line.strip()], "Items", "entries")


def _read_url(rule: Schema, text: str) -> str:
    if not text.strip().startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    return _within(rule, text.strip(), "Length", "characters")


def _read_date(_: Schema, text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise ValueError("must be a date such as 2026-11-22.") from None


def _within(rule: Schema, value: Any, suffix: str, unit: str) -> Any:
    low, high = rule.get(f"min{suffix}"), rule.get(f"max{suffix}")
    if low is not None and len(value) < low:
        raise ValueError(f"needs {count(low)} {unit} or more.")
    if high is not None and len(value) > high:
        raise ValueError(f"has {count(len(value))} {unit}, at most {count(high)} are allowed.")
    return value


READERS = {
    "boolean": _read_boolean,
    "integer": _read_number,
    "number": _read_number,
    "tags": _read_lines,
    "files": _read_lines,
    "json": _read_json,
    "table": _read_table,
    "key-value": _read_pairs,
    "select": _read_choice,
    "url": _read_url,
    "date": _read_date,
}
