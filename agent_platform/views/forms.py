"""A form from a JSON Schema, and its answers back as typed values.

`fields_of` and `read_form` are each other's inverse for the kinds below; anything else is edited as JSON.
"""

import json
import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from agent_platform.core.json_text import JsonUnreadable, find_unstorable, read_strictly
from agent_platform.core.storable import storable
from agent_platform.views.format import count
from agent_platform.views.uploads import MOST_UPLOAD_BYTES, UPLOADS

Schema = dict[str, Any]
LONG_TEXT = 200
FILE_KINDS = {"file", "files"}
STILL_CHOSEN = "What was chosen for the last run is still here; another file takes its place."
LONG_EDITORS = {"area", "textarea", "code", "markdown"}


@dataclass(frozen=True)
class FieldView:
    """`kind`: text, number, integer, boolean, select, tags, date, textarea, json, file, files, url or secret.

    `value` is text for every kind: `true`/`false` for boolean, one tag per line for tags.
    """

    name: str
    title: str
    kind: str
    help: str = ""
    value: str = ""
    options: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    required: bool = False
    error: str = ""
    unit: str = ""
    minimum: str = ""
    maximum: str = ""
    accept: str = ""
    section: str = ""
    wide: bool = True
    closed: str = ""  # why nothing can be put in here
    sends_to: str = UPLOADS  # where a chosen file goes, and how large it may be
    most_bytes: int = MOST_UPLOAD_BYTES
    note: str = ""  # in the field, until a file is chosen


def fields_of(schema: Schema, values: dict[str, Any], errors: dict[str, str] | None = None) -> list[FieldView]:
    """One field per property, in the order of the schema, filled from `values`, else prefill, else default."""
    required = set(schema.get("required", ()))
    problems = errors or {}
    return [
        _field(name, rule, values.get(name, _start(rule)), required=name in required, error=problems.get(name, ""))
        for name, rule in schema.get("properties", {}).items()
    ]


def read_form(schema: Schema, raw: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Typed values, and a sentence per field that cannot be read; an empty optional field is left out."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    required = set(schema.get("required", ()))
    for name, rule in schema.get("properties", {}).items():
        title, text = rule.get("title") or title_of(name), raw.get(name, "")
        if not text.strip():
            if name in required and kind_of(rule) not in {"boolean", "tags", "files"}:
                errors[name] = f"{title} is required."
            elif name in required:
                values[name] = _empty(rule)
            continue
        try:
            values[name] = _storable(_read(rule, text))
        except ValueError as fault:
            errors[name] = f"{title} {fault}"
    return values, errors


def raw_of(fields: list[FieldView]) -> dict[str, str]:
    """The texts a form starts with, as `read_form` takes them."""
    return {one.name: one.value for one in fields}


def without_samples(schema: Schema, raw: dict[str, str]) -> dict[str, str]:
    """What a chosen file leaves of the form: a long text that still is the sample it began with gives way to the file.

    What somebody has typed stays, and so does a text that is required beside the file.
    """
    rules, required = schema.get("properties", {}), set(schema.get("required", ()))
    return {
        name: "" if name in rules and name not in required and _is_sample(rules[name], text) else text
        for name, text in raw.items()
    }


def still_chosen(fields: list[FieldView], names: Collection[str]) -> list[FieldView]:
    """The file fields of these names say that they hold something."""
    return [replace(one, note=STILL_CHOSEN) if one.kind in FILE_KINDS and one.name in names else one for one in fields]


def kind_of(rule: Schema) -> str:
    """The editor for one property; the annotation `editor` wins where it fits the type."""
    kind = rule.get("type")
    if rule.get("secret"):
        return "secret"
    if "enum" in rule and kind in {"string", "integer", "number"}:
        return "select"
    if kind == "array":
        item = rule.get("items", {})
        return "files" if item.get("format") == "file" else "tags" if item.get("type") == "string" else "json"
    if kind == "string":
        return _text_kind(rule)
    return kind if kind in {"boolean", "integer", "number"} else "json"


def _text_kind(rule: Schema) -> str:
    form = {"file": "file", "date": "date", "uri": "url", "url": "url"}.get(rule.get("format", ""))
    long = rule.get("editor") in LONG_EDITORS or rule.get("maxLength", 0) > LONG_TEXT
    return form or ("textarea" if long else "text")


def title_of(name: str) -> str:
    """`max_pages` as a label: `Max pages`."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def _field(name: str, rule: Schema, value: Any, *, required: bool, error: str) -> FieldView:
    kind = kind_of(rule)
    text = storable(_as_text(kind, value))
    return FieldView(
        name=name,
        title=rule.get("title") or title_of(name),
        kind=kind,
        help=_help(rule),
        value=text,
        options=[_as_text("text", choice) for choice in rule.get("enum", ())],
        tags=text.splitlines() if kind in {"tags", "files"} else [],
        required=required,
        error=error,
        unit=rule.get("unit", ""),
        minimum=str(rule.get("minimum", "")),
        maximum=str(rule.get("maximum", "")),
        accept=",".join(rule.get("accept", ())),
        section=rule.get("section", ""),
        wide=kind not in {"number", "integer", "select", "date"},
    )


def _is_sample(rule: Schema, text: str) -> bool:
    return kind_of(rule) == "textarea" and "prefill" in rule and text == _as_text("textarea", rule["prefill"])


def _start(rule: Schema) -> Any:
    return rule.get("prefill", rule.get("default"))


def _help(rule: Schema) -> str:
    if text := rule.get("description"):
        return text
    low, high = rule.get("minimum"), rule.get("maximum")
    unit = f" {rule['unit']}" if rule.get("unit") else ""
    if low is not None and high is not None:
        return f"{_figure(low)} to {_figure(high)}{unit}"
    if low is not None:
        return f"{_figure(low)}{unit} or more"
    return f"{_figure(high)}{unit} at most" if high is not None else ""


def _figure(number: float) -> str:
    return count(number) if isinstance(number, int) else f"{number:g}"


def _as_text(kind: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind in {"tags", "files"} and isinstance(value, list):
        return "\n".join(str(one) for one in value)
    if kind == "json":
        return json.dumps(value, ensure_ascii=False, indent=2)
    return str(value)


def _empty(rule: Schema) -> Any:
    return False if kind_of(rule) == "boolean" else []


def _read(rule: Schema, text: str) -> Any:
    reader = READERS.get(kind_of(rule))
    if reader:
        return reader(rule, text)
    return _within(rule, text if kind_of(rule) in {"textarea", "secret"} else text.strip(), "Length", "characters")


def _storable(value: Any) -> Any:
    if unstorable := find_unstorable(value):
        raise ValueError(unstorable.message)
    return value


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
        raise ValueError(f"must be {_figure(low)} or more.")
    if high is not None and number > high:
        raise ValueError(f"must be {_figure(high)} or less.")
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
    for choice in rule["enum"]:
        if _as_text("text", choice) == text:
            return choice
    raise ValueError(f"must be one of {', '.join(_as_text('text', choice) for choice in rule['enum'])}.")


def _read_boolean(_: Schema, text: str) -> bool:
    return text.strip() in {"true", "on", "1"}


def _read_lines(rule: Schema, text: str) -> list[str]:
    return _within(rule, [line.strip() for line in text.splitlines() if line.strip()], "Items", "entries")


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
    "select": _read_choice,
    "url": _read_url,
    "date": _read_date,
}
