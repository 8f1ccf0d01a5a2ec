"""Amounts: exact with muted zeros, or short. Both arrive formatted."""

from typing import Any

import reflex as rx

from agent_platform.components.theme import Text, each, when


def money(view: Any, *, large: bool = False) -> rx.Component:
    """An exact amount from a `MoneyView`: six decimals, trailing zeros muted."""
    return rx.el.span(
        view.lead, rx.el.span(view.tail, class_name="zeros"), class_name="money large" if large else "money"
    )


def short_money(text: Text, unit: Text = "") -> rx.Component:
    """A short amount such as `$0.002`, with a muted unit such as `/ page`."""
    return rx.el.span(rx.el.span(text, class_name="num strong"), when(unit, rx.el.span(" ", unit, class_name="muted")))


def money_lines(items: Any, *, tight: bool = False) -> rx.Component:
    """The lines of a receipt or quote: a list of `MoneyLine`."""

    def line(one: Any) -> rx.Component:
        label = rx.el.dt(one.label, when(one.note, rx.el.span(" ", one.note, class_name="muted")))
        return rx.fragment(label, rx.el.dd(money(one.amount)))

    return rx.el.dl(each(items, line), class_name="facts tight" if tight else "facts")
