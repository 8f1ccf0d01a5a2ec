"""The three-part strip of a run: status and progress, cost against the cap, where the money is."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import status_pill
from agent_platform.components.cards import split
from agent_platform.components.meter import cost_meter, progress
from agent_platform.components.money import money, money_lines
from agent_platform.components.theme import when


def run_strip(view: Any) -> rx.Component:
    """A `RunStrip`. Only its `spoken` sentence is read out: figures change four times a second."""
    return rx.fragment(
        rx.el.p(view.spoken, class_name="sr-only", role="status", aria_live="polite"),
        split(_status(view), _cost(view), rx.el.div(money_lines(view.money, tight=True))),
    )


def _status(view: Any) -> rx.Component:
    head = rx.el.div(
        status_pill(view.state, large=True), rx.el.span(view.elapsed, class_name="num medium"), class_name="row gap-3"
    )
    bar = rx.el.div(progress(view.progress, name="Progress of the agent"), margin_top="8px")
    return rx.el.div(
        head,
        rx.el.p(view.message, margin_top="10px", class_name="prewrap"),
        when(view.progress, bar),
        when(view.note, rx.el.p(view.note, class_name="meta muted num", margin_top="6px")),
    )


def _cost(view: Any) -> rx.Component:
    amount = rx.el.span(
        money(view.cost, large=True), rx.el.span(view.of_cap, class_name="muted"), class_name="row gap-3 base wrap"
    )
    used = rx.el.span(view.used, class_name="meta muted num only-wide")
    return rx.el.div(
        rx.el.div(amount, used, class_name="row between base"),
        rx.el.div(cost_meter(view.meter, name="Cost so far against the cap", size="thick"), margin_top="10px"),
    )
