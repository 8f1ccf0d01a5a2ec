"""The tabs of a run and what stands beside them."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button, link_button
from agent_platform.components.cards import card, card_body, card_foot, card_head, facts
from agent_platform.components.feedback import empty
from agent_platform.components.fields import search_input
from agent_platform.components.log_view import code_block, log_view
from agent_platform.components.output_table import OutputEvents, export_menu, files_card, result_card
from agent_platform.components.output_views import output_panel
from agent_platform.components.run_costs import costs_panel
from agent_platform.components.run_network import network_card, network_panel
from agent_platform.components.tables import Column, cell, each, row, table
from agent_platform.components.tabs import Tab, segmented, tab_bar, tab_panel
from agent_platform.components.timeline import timeline_card
from agent_platform.state.run import RunPage

LEVELS = (("all", "All"), ("warn", "Warn"), ("error", "Error"))


def tabs() -> rx.Component:
    bar = tab_bar(
        (
            Tab("output", "Output", count=RunPage.rows),
            Tab("log", "Log"),
            Tab("timeline", "Timeline"),
            Tab("costs", "Costs"),
            Tab("network", "Network", count=RunPage.network.total),
            Tab("input", "Input"),
            Tab("details", "Details"),
        ),
        RunPage.tab,
        RunPage.choose_tab,
        name="Parts of the run",
        in_address=True,
    )
    return rx.el.div(bar, class_name="run-tabs")


def panels() -> rx.Component:
    left = rx.el.div(
        tab_panel("output", RunPage.tab, output()),
        tab_panel("log", RunPage.tab, whole_log()),
        tab_panel("timeline", RunPage.tab, happenings()),
        tab_panel("costs", RunPage.tab, costs_panel(RunPage.costs)),
        tab_panel("network", RunPage.tab, network_panel(RunPage.network)),
        tab_panel("input", RunPage.tab, given()),
        tab_panel(
            "details", RunPage.tab, card(card_head("Details"), card_body(facts(RunPage.details), class_name="lines"))
        ),
        min_width="0",
    )
    right = rx.el.div(
        timeline_card(RunPage.bars, total=RunPage.total),
        network_card(RunPage.network),
        promises(),
        class_name="col gap-4",
    )
    return rx.el.div(left, right, class_name="with-side")


def output(page: Any = RunPage) -> rx.Component:
    """Of the state of a run's page, or of another one with the same vars and handlers."""
    events = OutputEvents(page.choose_shape, page.sort_by, page.find_rows, page.previous_page, page.next_page)
    view = page.output
    panel = output_panel(
        view,
        page.figure,
        page.document,
        page.files,
        events,
        find=page.rows_find,
        exports=export_menu(page.head.downloads),
    )
    elsewhere = (page.files.length() > 0) | (view.result.length() > 0)
    only_elsewhere = page.head.finished & (view.kind == "table") & ~view.has_rows & ~view.has_views & elsewhere
    tail = card(
        card_head("Log", button("Whole log", size=1, kind="ghost", on_click=page.choose_tab("log"))),
        rx.el.div(log_view(page.lines, following=~page.head.finished), class_name="tailing"),
    )
    return rx.el.div(
        rx.cond(only_elsewhere, rx.fragment(), panel),
        result_card(view.result),
        rx.cond(view.kind != "files", files_card(page.files)),
        rx.cond((page.trouble.log.length() == 0) & (page.lines.length() > 0), tail),
        class_name="col gap-4",
    )


def whole_log() -> rx.Component:
    find = search_input("find-log", RunPage.log_find, RunPage.find_log, label="Find in log", size=1)
    level = segmented(LEVELS, RunPage.log_level, RunPage.choose_level, name="Level", small=True)
    fetch = link_button(
        "Download",
        href=f"{RunPage.head.downloads}/log.txt",
        size=1,
        icon_name="download",
        saves=True,
    )
    lines = rx.cond(
        RunPage.lines.length() > 0,
        rx.el.div(log_view(RunPage.lines, following=~RunPage.head.finished), class_name="tailing"),
        empty("No lines", "Nothing was logged, or nothing that fits the filter.", icon_name="scroll-text", boxed=False),
    )
    return card(
        card_head("Log", rx.el.span(find, class_name="only-wide"), level, fetch, note="the last 500 lines"),
        lines,
        card_foot("Written by the agent, shown as plain text. ", in_zone()),
    )


def happenings() -> rx.Component:
    rows = each(
        RunPage.happenings,
        lambda one: row(
            cell(one.time, class_name="mono muted when"),
            cell(one.title, class_name="medium"),
            cell(one.note, class_name="muted num wrapped"),
        ),
    )
    return card(
        card_head("What happened"),
        table((Column("Time"), Column("Event"), Column("What it says")), rows, name="Events"),
        card_foot(in_zone()),
    )


def in_zone(page: Any = RunPage) -> rx.Component:
    return rx.fragment("Times are in ", page.head.zone, ".")


def given(page: Any = RunPage) -> rx.Component:
    as_json = card(card_head("As JSON"), code_block(page.input_json, name="Input as JSON"))
    listed = rx.cond(
        page.input.length() > 0,
        card_body(facts(page.input), class_name="lines"),
        card_body(rx.el.p("This run was started without input.", class_name="muted")),
    )
    return rx.el.div(card(card_head("Input"), listed), as_json, class_name="col gap-4")


def promises() -> rx.Component:
    lines = rx.el.ul(each(RunPage.promises, rx.el.li), class_name="col meta muted")
    return card(card_head("If something goes wrong"), card_body(lines))
