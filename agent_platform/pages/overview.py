"""Overview: what this workspace spends, runs and waits for."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import count_bubble
from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import button, link_button, text_link
from agent_platform.components.cards import card, card_body, card_foot, card_head, fact, page_head
from agent_platform.components.charts import chart, chart_or_empty, legend
from agent_platform.components.feedback import empty, loading_figures, loading_rows
from agent_platform.components.figures import figure_strip
from agent_platform.components.meter import bar_meter
from agent_platform.components.run_rows import run_table
from agent_platform.components.tables import text_table
from agent_platform.components.theme import each, icon
from agent_platform.pages._frame import app_frame
from agent_platform.state.overview import OverviewState
from agent_platform.views.overview import NEWS_OF
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
    view = OverviewState.overview
    ran = OverviewState.showing == "ready"
    first = rx.cond(view.show_steps, checklist(), rx.cond(ran, rx.fragment(), nothing_ran()))
    main = rx.el.div(
        first,
        rx.cond(ran, rx.el.div(runs_by_day(), recent_runs(), class_name="col gap-4")),
        class_name="col gap-4 main",
        min_width="0",
    )
    rest = rx.el.div(news(), balance(), proof(), class_name="col gap-4", min_width="0")
    strip = rx.cond(ran, figure_strip(view.figures))
    return rx.el.div(strip, rx.el.div(questions(), main, rest, class_name="overview"), class_name="col gap-4")


def questions() -> rx.Component:
    """The newest questions of runs; the count is of all that wait."""
    view = OverviewState.overview
    head = card_head(
        "Waiting for a decision",
        count_bubble(OverviewState.shell.asking),
        text_link("All", href="/approvals", small=True),
    )
    return rx.cond(view.questions.length() > 0, card(head, notes(view.questions)))


def news() -> rx.Component:
    view = OverviewState.overview
    head = card_head("News", rx.el.span(NEWS_OF, class_name="muted meta"))
    return rx.cond(view.news.length() > 0, card(head, notes(view.news)))


def notes(items: Any) -> rx.Component:
    def note(view: Any) -> rx.Component:
        purpose = rx.el.span(": ", view.title, class_name="sr-only")
        words = rx.el.div(
            rx.el.div(view.title, class_name="medium"),
            rx.el.p(view.sentence, class_name="muted meta"),
            link_button(view.action, purpose, href=view.href, size=1),
            class_name="col gap-1 grow",
        )
        return rx.el.li(agent_icon(view.slug, 28), words)

    return rx.el.ul(each(items, note), class_name="notes")


def nothing_ran() -> rx.Component:
    return empty(
        "Nothing has run here yet",
        "Figures, charts and recent runs appear here when an agent has run.",
        link_button("Find an agent", href="/agents"),
    )


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

    role = OverviewState.shell.role
    hide = rx.cond(
        (role == "admin") | (role == "owner"),
        button("Hide this list", kind="ghost", size=1, on_click=OverviewState.dismiss_steps),
    )
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
        fact("Spent this month", view.spent),
        fact("Credit left", view.credit),
        fact("Cash left", view.cash),
        fact("Held for runs", view.held),
        class_name="facts lines num",
    )
    spent = bar_meter(view.spent_share, name="Spent this month", text=view.spent_of, level=view.spent_level)
    return card(
        card_head("Credit and cash", text_link("Usage", href="/usage", small=True)),
        card_body(rx.el.div(view.spent_of, class_name="meta"), spent, rows, class_name="col gap-3"),
        card_foot("The bar is what the month has cost, of that and all that is left. Credit is spent before cash."),
    )


def proof() -> rx.Component:
    words = (
        "Every table of this workspace is fenced by row security in Postgres; the server refuses to start without it."
    )
    return card(card_head("Isolation"), card_body(rx.el.p(words, class_name="muted")))
