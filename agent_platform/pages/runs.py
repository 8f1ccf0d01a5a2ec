"""All runs of the workspace, newest first."""

import reflex as rx

from agent_platform.components.buttons import button, link_button
from agent_platform.components.cards import card, card_foot, page_head
from agent_platform.components.dialog import confirm_dialog
from agent_platform.components.feedback import empty, loading_rows
from agent_platform.components.fields import search_input, select
from agent_platform.components.run_list import group_links, run_list
from agent_platform.components.theme import when
from agent_platform.pages._frame import app_frame
from agent_platform.state.runs import RunList


def runs() -> rx.Component:
    return app_frame(
        "Runs",
        rx.el.div(filters(), listing(), class_name="col gap-4"),
        stop_dialog(),
        shell=RunList.shell,
        current="runs",
        heading=page_head(
            "Runs",
            rx.cond(
                RunList.shell.looks_on == "",
                link_button("Run an agent", href="/agents", kind="solid", icon_name="play"),
            ),
        ),
    )


def filters() -> rx.Component:
    find = search_input("find-runs", RunList.find, RunList.find_runs, label="Find by title, agent or person")
    agent = select("agent", RunList.agent, RunList.choose_agent, RunList.listed.agents, aria_label="Agent")
    number = RunList.chosen.length()
    stop = rx.el.span(
        rx.el.span(number, " chosen", class_name="num medium", role="status"),
        button("Stop them", kind="danger", icon_name="square", on_click=RunList.set_stop_shown(True)),
        class_name="row gap-3 push",
    )
    return rx.fragment(
        group_links(RunList.listed.groups),
        rx.el.div(
            rx.el.div(find, class_name="find"),
            rx.el.div(agent, class_name="agent"),
            rx.cond(number > 0, stop),
            class_name="row wrap gap-3 finders",
        ),
    )


def listing() -> rx.Component:
    return rx.match(
        RunList.showing,
        ("loading", card(loading_rows(8))),
        ("empty", first_use()),
        ("no_match", no_match()),
        found(),
    )


def first_use() -> rx.Component:
    return empty(
        "No runs yet",
        "Data Profiler needs no key and works on a file of your own.",
        link_button("Find an agent", href="/agents", kind="solid"),
    )


def no_match() -> rx.Component:
    return empty("No run fits these filters", "", link_button("Show all runs", href="/runs"), icon_name="search")


def found() -> rx.Component:
    view = RunList.listed
    pages = rx.el.span(
        when(view.newest_href, link_button("Newest", href=view.newest_href, size=1)),
        when(view.older_href, link_button("Older", href=view.older_href, size=1)),
        class_name="row",
    )
    foot = card_foot(rx.el.div(rx.el.span(view.words, class_name="num"), pages, class_name="row between"))
    rows = run_list(
        view.rows,
        chosen=RunList.chosen,
        on_choose=RunList.choose,
        on_choose_all=RunList.choose_all,
        can_choose=view.some_can_stop,
    )
    return card(rows, foot)


def stop_dialog() -> rx.Component:
    return confirm_dialog(
        rx.cond(RunList.chosen.length() == 1, "Stop this run?", "Stop these runs?"),
        "Rows stored so far are kept and paid; what was set aside for the rest is released.",
        shown=RunList.stop_shown,
        on_change=RunList.set_stop_shown,
        keep="Let them run",
        act=button("Stop", kind="danger", on_click=RunList.stop_chosen),
    )
