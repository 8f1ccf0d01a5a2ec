"""Editors for values of several parts: tags, key-value, tables and code. Their scripts are loaded only where one is drawn."""

from typing import Any

import reflex as rx
from reflex_base.event import input_event

from agent_platform.components.fields import PAUSE_MS, TypedInput, text_area
from agent_platform.views.forms import ColumnView

KEYS = "Tab indents. Escape, then Tab leaves the field."


class CodeEditor(TypedInput):
    """A text area with numbered lines."""

    library = "$/public/js/code_editor.js"
    tag = "CodeEditor"


class EntriesEditor(rx.Component):
    """What the editors of entries take: the field's one text, what an entry is made of, and how much fits."""

    value: rx.Var[str]
    name: rx.Var[str]
    label: rx.Var[str]
    columns: rx.Var[list[ColumnView]]
    most: rx.Var[int]
    most_characters: rx.Var[int]
    wrong: rx.Var[bool]
    debounce_timeout: rx.Var[int]
    on_change: rx.EventHandler[input_event]


class TagsEditor(EntriesEditor):
    library = "$/public/js/tags_editor.js"
    tag = "TagsEditor"


class RowsEditor(EntriesEditor):
    library = "$/public/js/rows_editor.js"
    tag = "RowsEditor"
    pairs: rx.Var[bool]  # names and values


def tags_editor(view: Any, on_change: Any, *, most: Any = None) -> rx.Component:
    """Entries as chips; the text holds one per line. `most` characters fit."""
    return TagsEditor.create(**_entries(view, on_change, most))


def rows_editor(view: Any, on_change: Any, *, pairs: bool = False, most: Any = None) -> rx.Component:
    """A table, or key-value with `pairs`; `most` characters fit."""
    return RowsEditor.create(pairs=pairs, **_entries(view, on_change, most))


def code_editor(name: Any, value: Any, on_change: Any, **props: Any) -> rx.Component:
    """Text in which every blank counts, with the keys that lead out of it below."""
    described = f"{name}-keys {name}-fault {name}-help"
    plain = {"spell_check": False, "auto_complete": "off", "auto_capitalize": "off", "wrap": "off"}
    area = text_area(name, value, on_change, typed=CodeEditor, mono=True, aria_describedby=described, **plain, **props)
    keys = rx.el.p(KEYS, class_name="help keys", id=f"{name}-keys")
    return rx.el.div(area, keys)


def _entries(view: Any, on_change: Any, most: Any) -> dict[str, Any]:
    given = {"name": view.name, "label": view.title, "value": view.value, "columns": view.columns, "most": view.most}
    limit = {} if most is None else {"most_characters": most}
    return {**given, **limit, "wrong": view.error != "", "on_change": on_change, "debounce_timeout": PAUSE_MS}
