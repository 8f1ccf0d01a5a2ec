"""A form drawn from a list of `FieldView`: the right editor for each kind, one handler for all."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from agent_platform.components.editors import code_editor, rows_editor, tags_editor
from agent_platform.components.fields import (
    checkbox,
    field,
    file_input,
    file_removal,
    number_input,
    select,
    text_area,
    text_input,
)
from agent_platform.components.theme import each, icon, when

OnChange = Callable[[Any, Any], Any]


def schema_form(fields: Any, on_change: OnChange, *, most: Any = None) -> rx.Component:
    """Every field of a list var; `on_change(name, value)` gets text, for booleans `true` or `false`.

    Fields of a section follow under its heading, in the order of the list. A long text takes at most `most` characters.
    """
    return rx.el.div(each(fields, lambda one: form_field(one, on_change, most=most)), class_name="form-grid")


def form_field(view: Any, on_change: OnChange, *, most: Any = None) -> rx.Component:
    """One `FieldView` as a labelled editor."""
    tick = checkbox(view.title, view.value == "true", on_change(view.name, _turned(view.value)), note=view.help)
    labelled = field(
        editor(view, on_change, most=most),
        name=view.name,
        label=view.title,
        hint=view.help,
        error=view.error,
        required=view.required,
    )
    return rx.el.div(
        rx.match(view.kind, ("boolean", tick), labelled),
        class_name=rx.cond(view.wide, "full", ""),
    )


def editor(view: Any, on_change: OnChange, *, most: Any = None) -> rx.Component:
    """The bare control of a `FieldView`; every kind but boolean."""

    def changed(value: Any) -> Any:
        return on_change(view.name, value)

    wrong, limit = view.error != "", _limit(most)
    name, value = view.name, view.value
    number = number_input(name, value, changed, unit=view.unit, wrong=wrong)
    code = code_editor(name, value, changed, rows=8, wrong=wrong, **limit)
    closed = view.closed != ""
    picked = {"accept": view.accept, "note": rx.cond(closed, view.closed, view.note), "disabled": closed}
    picked |= {"to": view.sends_to, "most_bytes": view.most_bytes, "holds": view.holds}
    rest = rx.cond(view.holds == "", view.note, view.rest)
    picked["removal"] = rx.cond(closed, rx.fragment(), file_removal(view.removals, title=view.title, rest=rest))
    file = file_input(name, value, changed, **picked)
    return rx.match(
        view.kind,
        ("number", number),
        ("integer", number),
        ("select", select(name, value, changed, view.options, wrong=wrong)),
        ("tags", tags_editor(view, changed, most=most)),
        ("key-value", rows_editor(view, changed, pairs=True, most=most)),
        ("table", rows_editor(view, changed, most=most)),
        ("date", text_input(name, value, changed, type="date", wrong=wrong)),
        ("textarea", text_area(name, value, changed, rows=6, wrong=wrong, **limit)),
        ("code", code),
        ("json", code),
        ("file", file),
        ("files", file_input(name, value, changed, **picked, multiple=True)),
        (
            "url",
            text_input(
                name, value, changed, before=icon("globe"), input_mode="url", wrong=wrong, spell_check=False, **limit
            ),
        ),
        ("secret", text_input(name, value, changed, type="password", wrong=wrong, auto_complete="off", **limit)),
        text_input(name, value, changed, unit=view.unit, wrong=wrong, **limit),
    )


def json_editor(value: Any, on_change: Any, *, error: Any = "", name: str = "json", most: Any = None) -> rx.Component:
    """The whole input as JSON; each line of the error is about another place."""
    return field(
        code_editor(name, value, on_change, rows=14, wrong=_there(error), **_limit(most)),
        name=name,
        label="Input as JSON",
        error=error,
    )


def more_options(
    *children: rx.Component, title: str = "Run options", note: Any = "", shown: bool = False
) -> rx.Component:
    """A section that opens on demand, with what is set in it at the right."""
    head = rx.el.summary(
        icon("chevron-down", 14), title, when(note, rx.el.span(note, class_name="meta muted push num"))
    )
    return rx.el.details(head, *children, open=shown, class_name="more card-section")


def _limit(most: Any) -> dict[str, Any]:
    return {} if most is None else {"max_length": most}


def _turned(value: Any) -> Any:
    return rx.cond(value == "true", "false", "true")


def _there(error: Any) -> Any:
    return error != "" if isinstance(error, rx.Var) else bool(error)
