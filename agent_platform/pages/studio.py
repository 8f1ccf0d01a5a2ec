"""Studio: the agents of this workspace, and a new one by upload."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import status_pill
from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import link_button, text_link
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_head, page_head, titled_card
from agent_platform.components.feedback import empty, loading_rows
from agent_platform.components.fields import file_input
from agent_platform.components.tables import Column, cell, each, row, row_link, rows_or, table, two_lines
from agent_platform.pages._frame import app_frame
from agent_platform.state.studio import StudioState, UploadState
from agent_platform.views.parts import Crumb

COLUMNS = (
    Column("Agent"),
    Column("Version", wide_only=True),
    Column("State"),
    Column("Visible to", wide_only=True),
    Column("Made", numeric=True, wide_only=True),
)
FILES = (
    ("agent.yaml", "what it is, takes, gives, may do and costs"),
    ("main.py", "the function named in agent.yaml"),
    ("README.md", "shown on its page"),
    ("tests/", "run by you"),
)


def studio() -> rx.Component:
    new = link_button("New agent", href="/studio/new", kind="solid", icon_name="plus")
    sought = link_button("What people look for", href="/studio/wanted", icon_name="search")
    return app_frame(
        "Studio",
        card(rows_or(StudioState.showing, agent_table(), empty=nothing(), loading=loading_rows(4))),
        shell=StudioState.shell,
        current="studio",
        heading=page_head("Studio", sought, new, note="Agents this workspace builds."),
    )


def agent_table() -> rx.Component:
    return table(COLUMNS, each(StudioState.agents, agent_row), name="Agents of this workspace")


def agent_row(view: Any) -> rx.Component:
    words = two_lines(row_link(view.name, href=view.href), view.summary)
    return row(
        cell(rx.el.div(agent_icon(view.slug, 36), words, class_name="row gap-3")),
        cell(view.version, class_name="mono only-wide"),
        cell(status_pill(view.state)),
        cell(view.visibility, class_name="muted only-wide"),
        cell(view.ago, numeric=True, class_name="muted only-wide"),
        href=view.href,
    )


def nothing() -> rx.Component:
    go = link_button("Upload a bundle", href="/studio/new", icon_name="upload")
    return empty(
        "No agents yet",
        "An agent is a folder with agent.yaml and Python, uploaded as a zip.",
        go,
        icon_name="code",
        boxed=False,
    )


def new_agent() -> rx.Component:
    return app_frame(
        "New agent",
        rx.el.div(rx.el.div(upload(), mistakes(), class_name="col gap-4"), how(), class_name="wide-narrow"),
        shell=UploadState.shell,
        current="studio",
        crumbs=(Crumb("Studio", "/studio"),),
        heading=page_head(
            "New agent", note="Upload a zip. It is checked, built in a sandbox, and stays private until you release it."
        ),
    )


def upload() -> rx.Component:
    picker = file_input(
        "bundle", UploadState.file_id, UploadState.take, accept=".zip,application/zip", note="A zip of at most 100 MiB"
    )
    return titled_card("Bundle", picker)


def mistakes() -> rx.Component:
    def line(view: Any) -> rx.Component:
        return rx.el.tr(cell(rx.el.span(view.path, class_name="mono")), cell(view.message))

    listed = card(table((Column("Where"), Column("What to change")), each(UploadState.mistakes, line), name="Mistakes"))
    said = callout("This bundle was refused", UploadState.refused, kind="error", urgent=True)
    return rx.cond(
        UploadState.refused != "",
        rx.el.div(said, rx.cond(UploadState.mistakes.length() > 0, listed), class_name="col gap-4"),
    )


def how() -> rx.Component:
    listed = [rx.el.div(rx.el.dt(name, class_name="mono"), rx.el.dd(what, class_name="muted")) for name, what in FILES]
    words = rx.el.p(
        "The function gets a run: read its input, emit rows, put files, return a result. ", class_name="muted"
    )
    more = text_link("Your first agent, in fifteen minutes", href="/docs/first-agent")
    return card(
        card_head("What is in it"),
        card_body(rx.el.dl(*listed, class_name="col"), words, more, class_name="col gap-3"),
    )
