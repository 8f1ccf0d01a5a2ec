"""Which rows are shown, and the way to the others."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button
from agent_platform.components.cards import card_foot
from agent_platform.components.theme import Flag, Text


def pager(words: Text, *, on_previous: Any, on_next: Any, has_previous: Flag, has_next: Flag) -> rx.Component:
    """A card foot: `Rows 1 to 7 of 83.` and Previous / Next."""
    return card_foot(
        rx.el.div(
            rx.el.span(words, class_name="num", aria_live="polite"),
            rx.el.span(
                button("Previous", size=1, on_click=on_previous, disabled=_not(has_previous)),
                button("Next", size=1, on_click=on_next, disabled=_not(has_next)),
                class_name="row",
            ),
            class_name="row between",
        )
    )


def _not(value: Flag) -> Any:
    return ~value if isinstance(value, rx.Var) else not value
