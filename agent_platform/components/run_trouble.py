"""What is said when a run did not go well: what happened, what was charged and why, what to do next."""

from typing import Any

import reflex as rx

from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_head
from agent_platform.components.log_view import log_view
from agent_platform.components.theme import Slot, when

KINDS = ("note", "warning", "error", "fault")


def trouble_panel(view: Any, action: Slot, open_log: rx.Component) -> rx.Component:
    """A `TroubleView` with its one action; failures bring the last lines of the log."""
    words = rx.el.div(
        rx.el.p(view.charged, class_name="num"),
        rx.el.p(view.next_step, class_name="muted"),
        when(view.facts, rx.el.p(view.facts, class_name="meta muted mono")),
        class_name="col gap-1",
        margin_top="2px",
    )
    said = [(kind, callout(view.title, words, action, kind=kind, urgent=kind in {"error", "fault"})) for kind in KINDS]
    log = card(card_head("Last lines of the log", open_log), rx.el.div(log_view(view.log), class_name="tailing"))
    return rx.cond(
        view.kind != "",
        rx.el.div(
            rx.match(view.kind, *said, rx.fragment()),
            rx.cond(view.log.length() > 0, log),
            class_name="col gap-4 trouble",
        ),
    )
