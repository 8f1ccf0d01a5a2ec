"""The log of a run. It is not read out by itself; a refusal is as plain as a success."""

from typing import Any

import reflex as rx

from agent_platform.components.theme import Flag, each, when


def log_view(lines: Any, *, following: Flag = False) -> rx.Component:
    """Rows of `LogLine`, oldest first, and a cursor while the run goes on."""
    rows = rx.el.ol(each(lines, _line))
    body = rx.el.div(rows, class_name="log", role="log", aria_label="Log", aria_live="off", tab_index=0)
    tail = rx.el.div(rx.el.span(class_name="cursor", aria_hidden="true"), "following", class_name="log-tail")
    return rx.el.div(body, when(following, tail))


def code_block(text: Any, *, name: str) -> rx.Component:
    """Plain monospaced text in a named scroll region."""
    return rx.el.pre(text, class_name="code padded", role="region", aria_label=name, tab_index=0)


def _line(view: Any) -> rx.Component:
    return rx.el.li(
        rx.el.time(view.time),
        rx.el.span(view.level, class_name=f"level {view.level}"),
        rx.el.span(view.source, class_name="source"),
        rx.el.span(view.text, class_name="prewrap"),
    )
