"""Agents that people ask for: the reviewers' queue, and what creators see of it."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button, link_button
from agent_platform.components.cards import card, page_head
from agent_platform.components.feedback import empty, loading_rows
from agent_platform.components.tables import Column, cell, each, row, rows_or, table, two_lines
from agent_platform.pages._frame import app_frame
from agent_platform.state.wishes import AgentRequestQueue, WantedAgents
from agent_platform.views.parts import Crumb

QUEUE = (Column("Asked for"), Column("When", numeric=True, wide_only=True), Column("Answer", numeric=True))
WANTED = (Column("Task"), Column("Asked", numeric=True))


def agent_requests() -> rx.Component:
    none = empty("Nobody asks for an agent", "What visitors ask for in the directory appears here.", icon_name="search")
    rows = rows_or(
        AgentRequestQueue.showing,
        table(QUEUE, each(AgentRequestQueue.wishes, open_wish), name="Agents that people ask for"),
        empty=none,
        loading=loading_rows(4),
    )
    note = "What people did not find in the directory. Creators of all workspaces see what you share; nobody sees who asked."
    return app_frame(
        "Requested agents",
        card(rows),
        shell=AgentRequestQueue.shell,
        current="review",
        crumbs=(Crumb("Review", "/ops/review"),),
        heading=page_head("Requested agents", note=note),
    )


def open_wish(view: Any) -> rx.Component:
    answers = rx.el.div(
        button("Share", size=1, on_click=AgentRequestQueue.answer(view.id, "shared")),
        button("Dismiss", size=1, kind="ghost", on_click=AgentRequestQueue.answer(view.id, "dismissed")),
        class_name="row",
        justify_content="flex-end",
    )
    searched = rx.cond(view.searched != "", "searched for: " + view.searched, "")
    return row(
        cell(two_lines(view.task, searched)),
        cell(view.ago, numeric=True, class_name="muted only-wide"),
        cell(answers, numeric=True),
    )


def wanted() -> rx.Component:
    none = empty(
        "Nothing is asked for", "What people miss in the directory appears here.", icon_name="search", boxed=False
    )
    rows = rows_or(
        WantedAgents.showing,
        table(WANTED, each(WantedAgents.wishes, wish), name="What people look for"),
        empty=none,
        loading=loading_rows(4),
    )
    new = link_button("New agent", href="/studio/new", kind="solid", icon_name="plus")
    note = "Tasks that people did not find an agent for, the newest first."
    return app_frame(
        "Wanted",
        card(rows),
        shell=WantedAgents.shell,
        current="studio",
        crumbs=(Crumb("Studio", "/studio"),),
        heading=page_head("What people look for", new, note=note),
    )


def wish(view: Any) -> rx.Component:
    return row(cell(view.task), cell(view.ago, numeric=True, class_name="muted"))
