"""The score of an agent: what it is made of, and what would raise it most."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import text_link
from agent_platform.components.cards import card, card_body, card_foot, card_head
from agent_platform.components.meter import score_row
from agent_platform.components.theme import each, icon

FORMULA = "/quality"


def quality_card(view: Any, *, advice: bool = False) -> rx.Component:
    """A row for each factor, opening to its checks; `advice` adds the next best action. Nothing before the first score."""

    def factor(one: Any) -> rx.Component:
        head = rx.el.summary(score_row(one.title, one.share, one.points))
        checks = rx.el.dl(each(one.checks, check), class_name="checks meta")
        note = rx.cond(one.note != "", rx.el.p(one.note, class_name="meta muted"))
        return rx.el.div(rx.el.details(head, checks, class_name="factor"), note)

    def check(one: Any) -> rx.Component:
        return rx.el.div(rx.el.dt(one.title), rx.el.dd(one.points, class_name="num"), class_name="row between")

    best = card_foot(
        rx.el.div(icon("trending-up", 14), rx.el.span(view.action, " ", rx.el.b(view.gain)), class_name="row top")
    )
    shown = card(
        card_head(rx.fragment("Quality ", view.score), text_link("Open formula", href=FORMULA, small=True)),
        card_body(each(view.factors, factor), class_name="col gap-1"),
        rx.cond(view.action != "", best) if advice else rx.fragment(),
    )
    return rx.cond(view.score != "", shown)
