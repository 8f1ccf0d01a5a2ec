"""One run, while it goes on and afterwards."""

import reflex as rx

from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import button, link_button, text_link
from agent_platform.components.cards import card, card_body, card_foot, card_head, facts, page_head
from agent_platform.components.dialog import close_button, confirm_dialog, form_dialog
from agent_platform.components.feedback import bone, empty, failed, loading
from agent_platform.components.fields import field, search_input, text_input
from agent_platform.components.log_view import code_block, log_view
from agent_platform.components.output_table import (
    OutputEvents,
    export_menu,
    files_card,
    no_rows,
    output_card,
    result_card,
)
from agent_platform.components.run_costs import costs_panel
from agent_platform.components.run_strip import run_strip
from agent_platform.components.run_trouble import trouble_panel
from agent_platform.components.tables import Column, cell, each, row, table
from agent_platform.components.tabs import Tab, segmented, tab_bar, tab_panel
from agent_platform.components.theme import when
from agent_platform.components.timeline import timeline_card
from agent_platform.pages._frame import app_frame
from agent_platform.state.run import RunPage
from agent_platform.views.parts import Crumb

LEVELS = (("all", "All"), ("warn", "Warn"), ("error", "Error"))
RUNS = Crumb("Runs", "/runs")


def run() -> rx.Component:
    return app_frame(
        RunPage.head.short_id,
        rx.cond(RunPage.refusal != "", refused(), rx.match(RunPage.showing, *other_states(), whole_run())),
        shell=RunPage.shell,
        current="runs",
        crumbs=(RUNS,),
        heading=rx.cond(RunPage.showing == "ready", head(), rx.fragment()),
    )


def other_states() -> list[tuple[str, rx.Component]]:
    missing = empty(
        "There is no such run here",
        "It does not exist, or it belongs to another workspace.",
        link_button("All runs", href="/runs", kind="solid"),
    )
    broken = failed(
        "The run could not be read",
        "It goes on meanwhile; nothing was charged or changed by this. Load the page again.",
        link_button("All runs", href="/runs"),
    )
    return [("loading", waiting()), ("missing", missing), ("failed", broken)]


def refused() -> rx.Component:
    return empty("You may not see this run", RunPage.refusal, link_button("Go home", href="/"), icon_name="lock")


def waiting() -> rx.Component:
    title = rx.el.div(
        bone("44px", "44px"), rx.el.div(bone("240px", "20px"), bone("320px"), class_name="col"), class_name="row gap-3"
    )
    strip = rx.el.div(bone("100%", "124px"), class_name="card")
    rows = rx.el.div(bone("60%", "40px"), bone("100%", "320px"), class_name="col gap-4")
    return loading(rx.el.div(title, strip, rows, class_name="col gap-5"), name="Loading the run")


def whole_run() -> rx.Component:
    open_log = button("Whole log", size=1, kind="ghost", on_click=RunPage.choose_tab("log"))
    return rx.fragment(
        run_strip(RunPage.strip),
        trouble_panel(RunPage.trouble, next_action(), open_log),
        tabs(),
        panels(),
        stop_dialog(),
        cap_dialog(),
    )


def head() -> rx.Component:
    view = RunPage.head
    about = rx.el.div(
        rx.el.span(text_link(view.agent, href=view.agent_href), " ", rx.el.span(view.version, class_name="mono")),
        rx.el.span("·", aria_hidden="true"),
        rx.el.span(view.short_id, class_name="mono", title=view.id),
        rx.el.span("·", aria_hidden="true"),
        rx.el.span(view.started_by),
        class_name="row wrap meta muted",
        margin_top="3px",
    )
    stop = button("Stop", kind="danger", icon_name="square", on_click=RunPage.ask_stop)
    again = button("Run again", icon_name="rotate-cw", on_click=RunPage.run_again)
    actions = rx.cond(view.finished, when(view.can_rerun, again), when(view.can_stop, stop))
    return page_head(view.title, actions, note=about, object_title=True, before=agent_icon(view.slug, 44))


def next_action() -> rx.Component:
    """The one thing to do about a run that went wrong; none for those who may not start runs."""
    higher = button("Run again with a higher cap", size=1, on_click=RunPage.ask_cap)
    again = button("Run again", size=1, on_click=RunPage.run_again)
    form = link_button("Open its form", href=RunPage.head.agent_href, size=1)
    chosen = rx.match(RunPage.trouble.action, ("higher_cap", higher), ("rerun", again), ("form", form), rx.fragment())
    return rx.cond(RunPage.head.can_rerun, chosen)


def tabs() -> rx.Component:
    bar = tab_bar(
        (
            Tab("output", "Output", count=RunPage.rows),
            Tab("log", "Log"),
            Tab("timeline", "Timeline"),
            Tab("costs", "Costs"),
            Tab("input", "Input"),
            Tab("details", "Details"),
        ),
        RunPage.tab,
        RunPage.choose_tab,
        name="Parts of the run",
    )
    return rx.el.div(bar, class_name="run-tabs")


def panels() -> rx.Component:
    left = rx.el.div(
        tab_panel("output", RunPage.tab, output()),
        tab_panel("log", RunPage.tab, whole_log()),
        tab_panel("timeline", RunPage.tab, happenings()),
        tab_panel("costs", RunPage.tab, costs_panel(RunPage.costs)),
        tab_panel("input", RunPage.tab, given()),
        tab_panel(
            "details", RunPage.tab, card(card_head("Details"), card_body(facts(RunPage.details), class_name="lines"))
        ),
        min_width="0",
    )
    right = rx.el.div(timeline_card(RunPage.bars, total=RunPage.total), promises(), class_name="col gap-4")
    return rx.el.div(left, right, class_name="with-side")


def output() -> rx.Component:
    events = OutputEvents(
        RunPage.choose_shape, RunPage.sort_by, RunPage.find_rows, RunPage.previous_page, RunPage.next_page
    )
    table_card = output_card(
        RunPage.output, events, find=RunPage.rows_find, exports=export_menu(RunPage.head.downloads)
    )
    none = rx.cond(
        RunPage.head.finished,
        rx.cond(
            (RunPage.files.length() == 0) & (RunPage.output.result.length() == 0),
            no_rows("The run has ended without a row, a file or a result.", title="No output"),
        ),
        no_rows("Rows appear here as the agent stores them, each with its charge."),
    )
    tail = card(
        card_head("Log", button("Whole log", size=1, kind="ghost", on_click=RunPage.choose_tab("log"))),
        rx.el.div(log_view(RunPage.lines, following=~RunPage.head.finished), class_name="tailing"),
    )
    return rx.el.div(
        rx.cond(RunPage.output.has_rows, table_card, none),
        result_card(RunPage.output.result),
        files_card(RunPage.files),
        rx.cond((RunPage.trouble.log.length() == 0) & (RunPage.lines.length() > 0), tail),
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
        leaves=True,
        class_name="only-wide",
    )
    lines = rx.cond(
        RunPage.lines.length() > 0,
        rx.el.div(log_view(RunPage.lines, following=~RunPage.head.finished), class_name="tailing"),
        empty("No lines", "Nothing was logged, or nothing that fits the filter.", icon_name="scroll-text", boxed=False),
    )
    return card(
        card_head("Log", rx.el.span(find, class_name="only-wide"), level, fetch, note="the last 500 lines"),
        lines,
        card_foot("Written by the agent, shown as plain text. Times are yours."),
    )


def happenings() -> rx.Component:
    rows = each(
        RunPage.happenings,
        lambda one: row(
            cell(one.time, class_name="mono muted"),
            cell(one.title, class_name="medium"),
            cell(one.note, class_name="muted num"),
        ),
    )
    return card(
        card_head("What happened"),
        table((Column("Time"), Column("Event"), Column("What it says")), rows, name="Events"),
    )


def given() -> rx.Component:
    as_json = card(card_head("As JSON"), code_block(RunPage.input_json, name="Input as JSON"))
    listed = rx.cond(
        RunPage.input.length() > 0,
        card_body(facts(RunPage.input), class_name="lines"),
        card_body(rx.el.p("This run was started without input.", class_name="muted")),
    )
    return rx.el.div(card(card_head("Input"), listed), as_json, class_name="col gap-4")


def promises() -> rx.Component:
    lines = rx.el.ul(each(RunPage.promises, rx.el.li), class_name="col meta muted")
    return card(card_head("If something goes wrong"), card_body(lines))


def stop_dialog() -> rx.Component:
    return confirm_dialog(
        "Stop this run?",
        RunPage.strip.stop_effect,
        shown=RunPage.stop_shown,
        on_change=RunPage.set_stop_shown,
        keep="Let it run",
        act=button("Stop", kind="danger", on_click=RunPage.stop),
    )


def cap_dialog() -> rx.Component:
    amount = field(
        text_input(
            "cap", RunPage.cap, RunPage.write_cap, before="$", wrong=RunPage.cap_fault != "", input_mode="decimal"
        ),
        name="cap",
        label="Maximum cost",
        hint="Never more than this is charged.",
        error=RunPage.cap_fault,
    )
    return form_dialog(
        amount,
        title="Run again with a higher cap",
        effect="A new run with the same input. Its rows are stored and charged anew.",
        shown=RunPage.cap_shown,
        on_change=RunPage.set_cap_shown,
        foot=(close_button("Not now"), button("Run", kind="solid", submit=True, on_click=RunPage.run_with_cap)),
    )
