"""Cards, fact lists and page heads."""

from typing import Any

import reflex as rx

from agent_platform.components.figures import sparkline
from agent_platform.components.theme import Slot, Text, each, when


def card(*children: Slot, class_name: str = "", **props: Any) -> rx.Component:
    return rx.el.section(*children, class_name=f"card {class_name}".strip(), **props)


def card_head(title: Slot, *actions: Slot, note: Text = "") -> rx.Component:
    """The 44 px head of a card: a title, an optional muted note behind it, actions at the right."""
    left = rx.el.div(
        rx.el.h2(title), when(note, rx.el.span(note, class_name="muted meta num only-wide")), class_name="row"
    )
    return rx.el.div(left, rx.el.div(*actions, class_name="row") if actions else rx.fragment(), class_name="card-head")


def card_body(*children: Slot, class_name: str = "") -> rx.Component:
    return rx.el.div(*children, class_name=f"card-body {class_name}".strip())


def card_foot(*children: Slot) -> rx.Component:
    return rx.el.div(*children, class_name="card-foot")


def titled_card(title: Slot, *children: Slot, note: Text = "", actions: tuple[Slot, ...] = ()) -> rx.Component:
    """A card with a head and a padded body."""
    return card(card_head(title, *actions, note=note), card_body(*children, class_name="col gap-3"))


def split(*parts: rx.Component) -> rx.Component:
    """Two or three parts side by side in one card, divided by lines; they stack on narrow screens."""
    return rx.el.section(*parts, class_name="card split")


def facts(items: Any, *, lines: bool = True, tight: bool = False) -> rx.Component:
    """A list of `FactView`: label at the left, value and a muted note at the right."""
    classes = "facts num" + (" lines" if lines else "") + (" tight" if tight else "")

    def row(one: Any) -> rx.Component:
        return fact(one.label, sparkline(one.spark, words=one.spark_words), one.value, note=one.note)

    return rx.el.dl(each(items, row), class_name=classes)


def fact(label: Slot, *value: Slot, note: Text = "") -> rx.Component:
    """One row of a fact list; use inside `rx.el.dl(class_name="facts lines")`."""
    return rx.fragment(rx.el.dt(label), rx.el.dd(*value, when(note, rx.el.span(" ", note, class_name="muted"))))


def page_head(
    title: Slot, *actions: Slot, note: Slot = "", object_title: bool = False, before: Slot | None = None
) -> rx.Component:
    """The title of a page, a muted line under it, actions at the right; `before` is an icon at the left."""
    heading = rx.el.h1(title, class_name="object" if object_title else "")
    under = (
        note if isinstance(note, rx.Component) else when(note, rx.el.p(note, class_name="meta" if object_title else ""))
    )
    words = rx.el.div(heading, under)
    left = rx.el.div(before, words, class_name="row top gap-3") if before is not None else words
    return rx.el.header(
        left, rx.el.div(*actions, class_name="row wrap") if actions else rx.fragment(), class_name="page-head"
    )
