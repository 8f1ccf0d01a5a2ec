"""A form from a JSON Schema: the fields that a page draws, filled from values or with what somebody has typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent_platform.core.storable import storable
from agent_platform.views.form_kinds import FILE_KINDS, Schema, entry_of, kind_of, most_entries, rules_of, title_of
from agent_platform.views.form_texts import text_of
from agent_platform.views.format import figure
from agent_platform.views.uploads import MOST_UPLOAD_BYTES, UPLOADS

CHOSEN = "A file is chosen; another one takes its place."
HOLDS, HOLDS_SOME = "Still chosen: {}.", "What was chosen before stays."
MOST_NAME_CHARACTERS = 100
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class ColumnView:
    """A column of a table, the values of key-value, or what a tag may be; kinds as of a field."""

    name: str
    title: str
    kind: str
    help: str = ""
    options: list[str] = field(default_factory=list)
    required: bool = False


@dataclass(frozen=True)
class RemovalView:
    """The button that takes one chosen file away: the file as the field's value names it, what is read on the button, and how it is called."""

    key: str
    words: str
    label: str


@dataclass(frozen=True)
class FieldView:
    """`kind`: text, number, integer, boolean, select, tags, key-value, table, date, textarea, code, json, file, files, url or secret.

    `value` is what `text_of` makes of it, one text for every kind.
    """

    name: str
    title: str
    kind: str
    help: str = ""
    value: str = ""
    options: list[str] = field(default_factory=list)
    columns: list[ColumnView] = field(default_factory=list)
    most: int = 0  # entries; 0 where there is no limit
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
    note: str = ""  # in the field: what may be chosen, then what is
    holds: str = ""  # of a file field that holds something: what stays when another file is refused
    rest: str = ""  # its note once that is taken away
    removals: list[RemovalView] = field(default_factory=list)


def fields_of(schema: Schema, values: dict[str, Any], errors: dict[str, str] | None = None) -> list[FieldView]:
    """One field per property, in the order of the schema, filled from `values`, else prefill, else default."""
    return _fields(schema, lambda name, rule: text_of(rule, values.get(name, _start(rule))), errors or {})


def fields_as_typed(schema: Schema, raw: dict[str, str], errors: dict[str, str]) -> list[FieldView]:
    """The same with the texts that the form holds, whether or not they can be read."""
    return _fields(schema, lambda name, _: raw.get(name, ""), errors)


def raw_of(fields: list[FieldView]) -> dict[str, str]:
    """The texts a form starts with, as `read_form` takes them."""
    return {one.name: one.value for one in fields}


def without_samples(schema: Schema, raw: dict[str, str]) -> dict[str, str]:
    """What a chosen file leaves of the form: a long text that still is the sample it began with gives way to the file.

    What somebody has typed stays, and so does a text that is required beside the file.
    """
    rules, required = rules_of(schema), set(schema.get("required", ()))
    return {
        name: "" if name in rules and name not in required and _is_sample(rules[name], text) else text
        for name, text in raw.items()
    }


def read_chosen(text: str) -> tuple[str, dict[str, str]]:
    """What a file picker hands over, a line of id and name for each file: the ids as a field holds them, and each one's name."""
    lines = [line.strip().partition(" ") for line in text.split("\n") if line.strip()]
    return "\n".join(key for key, _, _ in lines), {key: name[:MOST_NAME_CHARACTERS] for key, _, name in lines if name}


def names_held(raw: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    """Those of the files that a form still holds."""
    held = {key for text in raw.values() for key in text.split("\n")}
    return {key: name for key, name in names.items() if key in held}


def with_names(fields: list[FieldView], names: Mapping[str, str]) -> list[FieldView]:
    """The file fields say what they hold, by its name where that is known."""
    return [_with_names(one, names) if one.kind in FILE_KINDS and one.value else one for one in fields]


def _with_names(one: FieldView, names: Mapping[str, str]) -> FieldView:
    keys = one.value.split("\n")
    shown = replace(one, rest=one.note, removals=_removals(one.title, keys, names))
    if not all(key in names for key in keys):
        return replace(shown, note=CHOSEN, holds=HOLDS_SOME)
    said = ", ".join(names[key] for key in keys)
    return replace(shown, note=said, holds=HOLDS.format(said))


def _removals(title: str, keys: list[str], names: Mapping[str, str]) -> list[RemovalView]:
    """One for each file; among several each names its own."""
    one = len(keys) == 1
    called = [names.get(key) or ("the file" if one else f"file {number}") for number, key in enumerate(keys, 1)]
    return [
        RemovalView(key, "Remove" if one else f"Remove {name}", f"Remove {name} from {title}")
        for key, name in zip(keys, called, strict=True)
    ]


def _fields(schema: Schema, text: Callable[[str, Schema], str], errors: dict[str, str]) -> list[FieldView]:
    required = set(schema.get("required", ()))
    return [
        _field(name, rule, storable(text(name, rule)), required=name in required, error=errors.get(name, ""))
        for name, rule in rules_of(schema).items()
    ]


def _field(name: str, rule: Schema, text: str, *, required: bool, error: str) -> FieldView:
    kind = kind_of(rule)
    one = entry_of(rule) if kind == "files" else rule
    return FieldView(
        name=name,
        title=title_of(name, rule),
        kind=kind,
        help=_help(rule),
        value=text,
        options=_choices(rule, text, required=required),
        columns=_columns(rule),
        most=most_entries(rule),
        required=required,
        error=error,
        unit=rule.get("unit", ""),
        minimum=str(rule.get("minimum", "")),
        maximum=str(rule.get("maximum", "")),
        accept=",".join(one.get("accept", ())),
        most_bytes=_most_bytes(one),
        section=rule.get("section", ""),
        wide=kind not in {"number", "integer", "select", "date"},
    )


def _choices(rule: Schema, text: str, *, required: bool) -> list[str]:
    """With none of them in front where that is what the field holds, or may hold: a list shows its first entry for no choice."""
    options = _options(rule)
    none = bool(options) and (text not in options or not (required or "default" in rule))
    return ["", *options] if none else options


def _columns(rule: Schema) -> list[ColumnView]:
    kind, entry = kind_of(rule), entry_of(rule)
    if kind == "table":
        required = set(entry.get("required", ()))
        return [_column(name, one, required=name in required) for name, one in rules_of(entry).items()]
    return [_column("value", entry)] if kind in {"key-value", "tags"} else []


def _column(name: str, rule: Schema, *, required: bool = False) -> ColumnView:
    return ColumnView(name, title_of(name, rule), kind_of(rule), _help(rule), _options(rule), required)


def _options(rule: Schema) -> list[str]:
    return [text_of(rule, choice) for choice in rule.get("enum", ())]


def _most_bytes(rule: Schema) -> int:
    return int(rule["max_mb"] * MEBIBYTE) if "max_mb" in rule else MOST_UPLOAD_BYTES


def _is_sample(rule: Schema, text: str) -> bool:
    return kind_of(rule) in {"textarea", "code"} and "prefill" in rule and text == text_of(rule, rule["prefill"])


def _start(rule: Schema) -> Any:
    return rule.get("prefill", rule.get("default"))


def _help(rule: Schema) -> str:
    if text := rule.get("description"):
        return text
    low, high = rule.get("minimum"), rule.get("maximum")
    unit = f" {rule['unit']}" if rule.get("unit") else ""
    if low is not None and high is not None:
        return f"{figure(low)} to {figure(high)}{unit}"
    if low is not None:
        return f"{figure(low)}{unit} or more"
    return f"{figure(high)}{unit} at most" if high is not None else ""
