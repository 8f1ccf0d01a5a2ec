"""Usage: what the workspace ran and spent, live."""

import reflex as rx

from agent_platform.components.badges import live
from agent_platform.components.buttons import link_button
from agent_platform.components.cards import card, card_body, card_head, page_head
from agent_platform.components.charts import chart, chart_or_empty, legend, legend_of
from agent_platform.components.feedback import empty, loading_figures, loading_rows
from agent_platform.components.fields import select
from agent_platform.components.figures import figure_strip
from agent_platform.components.tables import text_table
from agent_platform.components.tabs import segmented
from agent_platform.components.theme import icon
from agent_platform.components.usage import agents_table, reasons, week
from agent_platform.pages._frame import app_frame
from agent_platform.state.usage import UsageState
from agent_platform.views.usage import RANGE_NAMES
from agent_platform.views.usage_charts import OUTCOME_SERIES, OUTCOMES, TIME_SERIES, TIMES


def usage() -> rx.Component:
    return app_frame(
        "Usage",
        filters(),
        rx.match(UsageState.showing, ("loading", waiting()), ("empty", nothing()), figures()),
        shell=UsageState.shell,
        current="usage",
        heading=page_head(
            "Usage", live("Live"), note="Every amount comes from the ledger; every agent leads to its runs."
        ),
    )


def filters() -> rx.Component:
    ranges = list(RANGE_NAMES.items())
    return rx.el.div(
        segmented(ranges, UsageState.range, UsageState.choose_range, name="Period"),
        select("agent", UsageState.agent, UsageState.choose_agent, UsageState.agent_options, aria_label="Agent"),
        class_name="filters-bar",
    )


def waiting() -> rx.Component:
    return rx.el.div(loading_figures(5), card(loading_rows(5)), class_name="col gap-4")


def nothing() -> rx.Component:
    return empty(
        "No runs in this period",
        "Run a free agent: figures and charts appear here the moment it finishes.",
        link_button("Find an agent", href="/agents"),
    )


def figures() -> rx.Component:
    return rx.el.div(
        figure_strip(UsageState.usage.figures),
        rx.el.div(spend(), running(), run_status(), run_time(), agents(), why_not(), hours(), class_name="usage-grid"),
        class_name="col gap-4",
    )


def spend() -> rx.Component:
    view = UsageState.usage
    drawn = chart(
        UsageState.spend_figure,
        summary=view.spend_summary,
        twin=text_table(view.spend_table, name="Spend by agent"),
        height=230,
    )
    shown = chart_or_empty(
        drawn,
        view.spend_table,
        title="Nothing was spent",
        sentence="Each agent gets a bar here as soon as one of its runs costs something.",
        height=230,
    )
    return card(card_head("Spend by agent", legend_of(view.spend_table)), card_body(shown), class_name="span-8")


def running() -> rx.Component:
    view = UsageState.usage
    drawn = chart(
        UsageState.running_figure,
        summary=view.running_summary,
        twin=text_table(view.running_table, name="Running"),
        height=230,
    )
    shown = chart_or_empty(
        drawn,
        view.running_table,
        title="Nothing ran in the last hour",
        sentence="Runs under way are drawn here against what the plan allows at once.",
        height=230,
    )
    return card(
        card_head("Running now", rx.el.span(view.running, class_name="meta muted num")),
        card_body(shown),
        class_name="span-4",
    )


def run_status() -> rx.Component:
    view = UsageState.usage
    words = legend(*((name, series) for (name, _), series in zip(OUTCOMES, OUTCOME_SERIES, strict=True)))
    drawn = chart(
        UsageState.runs_figure,
        summary=view.runs_summary,
        twin=text_table(view.runs_table, name="Runs by outcome"),
        series=OUTCOME_SERIES,
    )
    shown = chart_or_empty(
        drawn, view.runs_table, title="No run has ended", sentence="Runs of this period appear here when they end."
    )
    return card(card_head("Runs by status", words), card_body(shown), class_name="span-8")


def run_time() -> rx.Component:
    view = UsageState.usage
    drawn = chart(
        UsageState.times_figure,
        summary=view.times_summary,
        twin=text_table(view.times_table, name="Run time"),
        series=TIME_SERIES,
    )
    shown = chart_or_empty(
        drawn, view.times_table, title="No run has ended", sentence="How long runs take is drawn from those that ended."
    )
    words = legend(*zip(TIMES, TIME_SERIES, strict=True))
    return card(card_head("Run time", words), card_body(shown), class_name="span-4")


def agents() -> rx.Component:
    view = UsageState.usage
    agreed = rx.el.span(icon("check", 14), view.agreement, class_name="row gap-1 meta num good")
    differs = rx.el.span(icon("triangle-alert", 14), view.agreement, class_name="row gap-1 meta num bad", role="alert")
    words = rx.cond(view.agreement == "", rx.fragment(), rx.cond(view.agrees, agreed, differs))
    return card(card_head("Agents", words), agents_table(view), class_name="span-8")


def why_not() -> rx.Component:
    view = UsageState.usage
    none = rx.el.p("Every run of this period succeeded.", class_name="muted")
    listed = rx.cond(view.reasons.length() > 0, reasons(view.reasons), none)
    return card(
        card_head("Why runs did not succeed", rx.el.span(view.reasons_total, class_name="count")),
        card_body(listed),
        class_name="span-4",
    )


def hours() -> rx.Component:
    head = card_head("When runs happen", rx.el.span("UTC, runs per hour", class_name="meta muted"))
    return card(head, card_body(week(UsageState.usage.week)), class_name="span-12")
