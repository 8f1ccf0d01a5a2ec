"""The strip of figures at the top of a page, with an optional inline sparkline."""

from typing import Any

import reflex as rx

from agent_platform.components.theme import Text, each, icon, when

TRENDS = {"up": "trending-up", "down": "trending-down", "level": "minus"}


def figure_strip(items: Any) -> rx.Component:
    """A bordered strip of `FigureView`: label, value, note; a list var or a list."""
    return rx.el.dl(each(items, figure), class_name="figures")


def figure(view: Any) -> rx.Component:
    unit = when(view.unit, rx.el.small(" ", view.unit))
    value = rx.el.dd(
        rx.el.span(view.value, unit, class_name="value"), sparkline(view.spark), class_name="row between base"
    )
    note = when(view.note, rx.el.dd(_trend(view.trend), view.note, class_name="note"))
    return rx.el.div(rx.el.dt(view.label), value, note, class_name="figure")


def sparkline(path: Text, *, words: Text = "") -> rx.Component:
    """A line in a box of 88 by 22; nothing for an empty path. Without `words` it is decorative: the value stands beside it."""
    decorative = isinstance(words, str) and not words
    read = {"aria_hidden": "true"} if decorative else {"role": "img", "aria_label": words}
    drawn = rx.el.svg(rx.el.svg.path(d=path), view_box="0 0 88 22", class_name="spark", **read)
    return when(path, drawn)


def _trend(trend: Text) -> rx.Component:
    if isinstance(trend, rx.Var):
        return rx.match(trend, *[(name, icon(drawn, 14)) for name, drawn in TRENDS.items()], rx.fragment())
    return icon(TRENDS[trend], 14) if trend else rx.fragment()
