"""Reviews: stars to read and to give, how many gave which, and one review with its answer."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from agent_platform.components.markdown import prose
from agent_platform.components.meter import bar_meter
from agent_platform.components.theme import each, flag, icon

MOST_STARS = 5


def stars(number: Any, size: int = 14) -> rx.Component:
    """Five stars, so many of them full; read out as a sentence."""
    drawn = [icon("star", size, class_name=rx.cond(number >= n, "on", "off")) for n in range(1, MOST_STARS + 1)]
    words = rx.el.span(f"{number} of {MOST_STARS} stars", class_name="sr-only")
    return rx.el.span(words, *drawn, class_name="stars")


def star_input(number: Any, on_choose: Callable[[int], Any]) -> rx.Component:
    """Gives one to five stars; the chosen number is pressed."""
    buttons = [
        rx.el.button(
            icon("star", 20, class_name=rx.cond(number >= n, "on", "off")),
            type="button",
            aria_label="1 star" if n == 1 else f"{n} stars",
            aria_pressed=flag(number == n),
            on_click=on_choose(n),
        )
        for n in range(1, MOST_STARS + 1)
    ]
    return rx.el.div(*buttons, role="group", aria_label="Stars", class_name="stars give")


def histogram(view: Any) -> rx.Component:
    """The mean at the left, a bar for each number of stars at the right."""

    def row(one: Any) -> rx.Component:
        bar = bar_meter(one.share, name=one.label, text=one.count, size="thin")
        return rx.el.div(rx.el.span(one.label), bar, rx.el.span(one.count), class_name="score")

    mean = rx.el.div(
        rx.el.span(view.average, class_name="mean num"),
        stars(view.stars, 16),
        rx.el.span(view.total, class_name="muted meta"),
        class_name="col gap-1",
    )
    return rx.el.div(mean, rx.el.div(each(view.rows, row), class_name="col gap-1 grow"), class_name="histogram")


def review(view: Any, *actions: rx.Component, beneath: rx.Component) -> rx.Component:
    """One review, the publisher's answer, what may be done about it, and what is open `beneath`."""
    head = rx.el.div(stars(view.stars), rx.el.span(view.by, class_name="medium"), class_name="row gap-3 wrap")
    foot = rx.el.div(
        rx.el.span(view.when, class_name="muted meta"), rx.el.span(*actions, class_name="row"), class_name="row between"
    )
    answer = rx.el.div(
        rx.el.p(view.replied, class_name="medium meta"), prose(view.reply), class_name="reply", role="note"
    )
    return rx.el.article(
        head, prose(view.text), foot, rx.cond(view.reply != "", answer), beneath, class_name="review col gap-3"
    )
