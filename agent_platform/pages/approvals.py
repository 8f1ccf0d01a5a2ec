"""Questions of runs that wait for a person."""

import reflex as rx

from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import link_button
from agent_platform.components.cards import card, card_foot, page_head
from agent_platform.components.feedback import empty, loading_rows
from agent_platform.components.tables import Column, cell, each, row, row_link, table, two_lines
from agent_platform.pages._frame import app_frame
from agent_platform.state.approvals import ApprovalsState as State

COLUMNS = (
    Column("Question"),
    Column("Run", wide_only=True),
    Column("Who may decide", wide_only=True),
    Column("Time left", numeric=True),
)


def approvals() -> rx.Component:
    return app_frame(
        "Approvals",
        rx.match(State.showing, ("loading", card(loading_rows(4))), waiting()),
        shell=State.shell,
        current="approvals",
        heading=page_head("Approvals", note="Runs that wait for a person. Nothing is charged while they wait."),
    )


def waiting() -> rx.Component:
    none = empty(
        "Nothing waits for you",
        "When an agent asks before it sends, buys or deletes, its question is listed here.",
        link_button("All runs", href="/runs"),
        icon_name="hand",
    )
    rows = each(
        State.pending,
        lambda one: row(
            cell(
                rx.el.div(
                    agent_icon(one.slug, 28),
                    two_lines(row_link(one.title, href=one.href), one.agent),
                    class_name="row gap-3",
                )
            ),
            cell(one.run, class_name="only-wide"),
            cell(one.who, class_name="muted only-wide"),
            cell(one.left, numeric=True),
            href=one.href,
        ),
    )
    listed = card(
        table(COLUMNS, rows, name="Open questions"),
        card_foot("Open a question to see what is asked and to answer it."),
    )
    return rx.cond(State.pending.length() > 0, listed, none)
