"""Overview: what this workspace spends, runs and waits for."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button, link_button, text_link
from agent_platform.components.cards import card, card_body, card_foot, card_head, fact, page_head
from agent_platform.components.charts import chart, chart_or_empty, legend
from agent_platform.components.feedback import loading_figures, loading_rows
from agent_platform.components.figures import figure_strip
from agent_platform.components.meter import cost_meter
from agent_platform.components.run_rows import run_table
from agent_platform.components.tables import text_table
from agent_platform.components.theme import each, icon
from agent_platform.pages._frame import app_frame
from agent_platform.state.overview import OverviewState
from agent_platform.views.usage_charts import OUTCOME_SERIES, OUTCOMES


def overview() -> rx.Component:
    return app_frame(
        "Overview",
        rx.match(OverviewState.showing, ("loading", waiting()), content()),
        shell=OverviewState.shell,
        current="overview",
        heading=page_head(
            "Overview",
            rx.cond(
                OverviewState.shell.looks_on == "",
                rx.fragment(
                    link_button("Invite", href="/settings/members", kind="outline", icon_name="users"),
                    link_button("Run an agent", href="/agents", kind="solid", icon_name="play"),
                ),
                rx.el.p(OverviewState.shell.looks_on, class_name="looks-on"),
            ),
            note=OverviewState.overview.subtitle,
        ),
    )


def waiting() -> rx.Component:
    return rx.el.div(loading_figures(4), card(loading_rows(5)), class_name="col gap-4")


def content() -> rx.Component:
    left = rx.el.div(
        rx.cond(OverviewState.overview.show_steps, checklist()),
        rx.cond(OverviewState.showing == "ready", rx.el.div(runs_by_day(), recent_runs(), class_name="col gap-4")),
        class_name="col gap-4",
        min_width="0",
    )
    right = rx.el.div(balance(), proof(), class_name="col gap-4")
    strip = rx.cond(OverviewState.showing == "ready", figure_strip(OverviewState.overview.figures))
    return rx.el.div(strip, rx.el.div(left, right, class_name="wide-narrow"), class_name="col gap-4")


def checklist() -> rx.Component:
    """First run: each line is ticked by the fact."""

    def line(step: Any) -> rx.Component:
        mark = rx.cond(
            step.done,
            icon("circle-check", 20, label="done", class_name="done"),
            icon("circle-dashed", 20, label="to do"),
        )
        words = rx.el.div(
            rx.el.div(step.title, class_name="medium"),
            rx.el.div(step.sentence, class_name="muted meta"),
            class_name="grow",
        )
        return rx.el.li(
            mark,
            words,
            rx.cond(step.done, rx.fragment(), link_button(step.action, href=step.href, kind="outline", size=1)),
        )

    hide = button("Hide this list", kind="ghost", size=1, on_click=OverviewState.dismiss_steps)
    return card(
        card_head("First steps", hide, note=OverviewState.overview.steps_done),
        rx.el.ul(each(OverviewState.overview.steps, line), class_name="checklist"),
    )


def runs_by_day() -> rx.Component:
    view = OverviewState.overview
    words = legend(*((name, series) for (name, _), series in zip(OUTCOMES, OUTCOME_SERIES, strict=True)))
    drawn = chart(
        OverviewState.runs_figure,
        summary=view.runs_summary,
        twin=text_table(view.runs_table, name="Runs by day"),
        series=OUTCOME_SERIES,
    )
    shown = chart_or_empty(
        drawn,
        view.runs_table,
        title="No run has ended in the last 14 days",
        sentence="Runs appear here when they end, by day and outcome.",
    )
    return card(card_head("Runs by day", words), card_body(shown))


def recent_runs() -> rx.Component:
    return card(
        card_head("Recent runs", text_link("All runs", href="/runs", small=True)),
        run_table(OverviewState.overview.recent),
    )


def balance() -> rx.Component:
    view = OverviewState.overview
    rows = rx.el.dl(
        fact("Credit", view.credit),
        fact("Cash", view.cash),
        fact("Held for runs", view.held),
        class_name="facts lines num",
    )
    return card(
        card_head("Balance", text_link("Usage", href="/usage", small=True)),
        card_body(cost_meter(view.money, name="Spent this month against what was there"), rows, class_name="col gap-3"),
        card_foot("Credit is spent before cash. A run can never cost more than its cap."),
    )


def proof() -> rx.Component:
    words = (
        "Every table of this workspace is fenced by row security in Postgres; the server refuses to start without it."
    )
    return card(card_head("Isolation"), card_body(rx.el.p(words, class_name="muted")))
