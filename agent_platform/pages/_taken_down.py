"""The reviews that were taken down, each with the way back."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button
from agent_platform.components.cards import card, card_foot, card_head
from agent_platform.components.dialog import close_button, form_dialog
from agent_platform.components.fields import field, text_area
from agent_platform.components.markdown import prose
from agent_platform.components.reviews import stars
from agent_platform.components.tables import Column, cell, each, row, table, two_lines
from agent_platform.state.taken_down import TakenDownReviews as State

COLUMNS = (Column("Review"), Column(""))


def taken_down() -> rx.Component:
    """Nothing while no review is down."""
    rows = table(COLUMNS, each(State.reviews, review_row), name="Reviews taken down")
    foot = "Nobody reads these reviews and no rating counts them. Their authors read why."
    shown = card(card_head("Reviews taken down"), rows, card_foot(foot))
    return rx.fragment(rx.cond(State.reviews.length() > 0, shown), dialog())


def review_row(view: Any) -> rx.Component:
    head = rx.el.div(stars(view.stars), two_lines(view.by, view.address), class_name="row gap-3 wrap")
    why = rx.el.div("Taken down ", view.since, ": ", view.reason, class_name="muted meta")
    back = button("Put back", size=1, on_click=State.ask(view.id))
    return row(cell(rx.el.div(head, prose(view.text), why, class_name="col gap-1")), cell(back, numeric=True))


def dialog() -> rx.Component:
    reason = text_area("put-back", State.reason, State.write_reason, rows=3)
    return form_dialog(
        field(reason, name="put-back", label="Reason", hint="Its workspace reads it in the audit log.", required=True),
        title=rx.fragment("Put the review of ", State.chosen.by, " back?"),
        effect=rx.fragment(
            "Everybody reads it again on the page of ", State.chosen.name, ", and its rating counts it."
        ),
        shown=State.asking,
        on_change=State.show,
        foot=(
            close_button("Leave it down"),
            button("Put back", kind="solid", on_click=State.put_back, disabled=State.reason == ""),
        ),
    )
