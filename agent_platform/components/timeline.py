"""Where the time of a run went: a bar per step."""

from typing import Any

import reflex as rx

from agent_platform.components.cards import card, card_body, card_head
from agent_platform.components.theme import Text, each, inline


def timeline(bars: Any) -> rx.Component:
    """Rows of `TimelineBar`: name, bar on its lane, time."""
    return rx.el.ol(each(bars, _bar), class_name="timeline")


def timeline_card(bars: Any, *, total: Text, title: str = "Timeline") -> rx.Component:
    return card(
        card_head(title, rx.el.span(total, class_name="meta muted num")), card_body(timeline(bars), class_name="snug")
    )


def _bar(view: Any) -> rx.Component:
    drawn = rx.el.span(class_name=f"bar {view.kind}", custom_attrs=inline(x=view.start, w=view.width))
    return rx.el.li(
        rx.el.span(view.label, class_name="truncate", title=view.label),
        rx.el.span(drawn, class_name="lane", aria_hidden="true"),
        rx.el.span(view.time),
    )
