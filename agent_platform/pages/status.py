"""What answers now, and when something did not."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge
from agent_platform.components.buttons import button
from agent_platform.components.callouts import callout_of
from agent_platform.components.cards import card, card_body, card_foot, card_head
from agent_platform.components.feedback import loading_rows
from agent_platform.components.tables import Column, cell, each, row, table
from agent_platform.pages._frame import public_frame
from agent_platform.state.status import StatusState as State
from agent_platform.views.site.words import STATUS
from agent_platform.views.status import RECORDED

PARTS = (Column("Part"), Column("What it does", wide_only=True), Column("Now", numeric=True))
OUTAGES = (Column("Part"), Column("Began"), Column("Lasted", numeric=True))


def status() -> rx.Component:
    again = button("Ask again", icon_name="rotate-cw", on_click=State.open)
    head = rx.el.div(rx.el.h1(STATUS.title), again, class_name="row between gap-3 wrap")
    shown = rx.match(State.showing, ("loading", card(loading_rows(6))), now())
    content = rx.el.div(head, shown, class_name="public col gap-4", padding_top="32px", padding_bottom="48px")
    return public_frame(content, shell=State.shell)


def now() -> rx.Component:
    view = State.status
    summary = callout_of(view.kind, view.summary, f"Asked at {view.taken}.")
    parts = card(card_head("Parts"), table(PARTS, each(view.parts, part), name="Parts and whether they answer"))
    return rx.el.div(rx.el.div(summary, role="status"), parts, outages(), class_name="col gap-4")


def part(one: Any) -> rx.Component:
    answer = rx.match(
        one.state,
        ("yes", badge(one.words, colour="grass", icon_name="circle-check")),
        ("no", badge(one.words, colour="tomato", icon_name="circle-x")),
        badge(one.words, icon_name="circle-dashed"),
    )
    return row(
        cell(rx.el.span(one.name, class_name="medium")),
        cell(one.does, class_name="muted only-wide"),
        cell(answer, numeric=True),
    )


def outages() -> rx.Component:
    view = State.status
    rows = table(OUTAGES, each(view.outages, outage), name="Outages")
    none = card_body(rx.el.p(view.no_outages, class_name="muted"))
    return card(card_head("Outages"), rx.cond(view.no_outages != "", none, rows), card_foot(RECORDED))


def outage(one: Any) -> rx.Component:
    known = rx.el.div(rx.el.div(one.part, class_name="medium"), rx.el.div(one.note, class_name="muted meta"))
    return row(cell(known), cell(one.began, class_name="num"), cell(one.lasted, numeric=True))
