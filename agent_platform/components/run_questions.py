"""A run's question to people, as a card; and what was answered before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from agent_platform.components.badges import status_pill
from agent_platform.components.buttons import button
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head, facts
from agent_platform.components.fields import field, text_area
from agent_platform.components.forms import schema_form
from agent_platform.components.tables import cell, each, row, table
from agent_platform.components.theme import icon, when


@dataclass(frozen=True)
class AnswerEvents:
    approve: Any
    reject: Any
    write_comment: Any
    write_answer: Callable[[Any, Any], Any]


def question_card(view: Any, fields: Any, comment: Any, fault: Any, events: AnswerEvents) -> rx.Component:
    """Whoever may decide gets form, comment and both answers; others see what is asked and who decides."""
    listed = rx.cond(view.facts.length() > 0, card_body(facts(view.facts), class_name="lines"))
    form = card_body(
        rx.cond(view.has_form, schema_form(fields, events.write_answer)),
        field(
            text_area("approval-comment", comment, events.write_comment, rows=2),
            name="approval-comment",
            label="Comment",
            hint="Kept with the run; the agent reads it.",
        ),
        when(fault, callout("Nothing was decided", fault, kind="error", urgent=True)),
        rx.el.div(
            button("Approve", kind="solid", icon_name="check", on_click=events.approve),
            button("Reject", kind="outline", icon_name="x", on_click=events.reject),
            class_name="row wrap",
        ),
        class_name="col gap-4",
    )
    closed = card_body(rx.el.p("You may not decide this. ", view.who, class_name="muted"))
    head = rx.el.div(icon("hand", 16), rx.el.h2(view.title), class_name="row")
    shown = card(
        rx.el.div(head, class_name="card-head"),
        listed,
        rx.cond(view.can_decide, form, closed),
        card_foot(view.who, " ", view.otherwise),
        margin_top="16px",
        role="alert",
        aria_label="Waiting for approval",
    )
    return rx.cond(view.id != "", shown)


def answers_card(answers: Any) -> rx.Component:
    rows = each(
        answers,
        lambda one: row(
            cell(one.title, class_name="medium"), cell(status_pill(one.state)), cell(one.said, class_name="muted")
        ),
    )
    listed = card(
        card_head("Asked and answered"), table(("Question", "Answer", "Who"), rows, name="Answers"), margin_top="16px"
    )
    return rx.cond(answers.length() > 0, listed)
