"""The list of runs with a box to choose those that can be stopped."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from agent_platform.components.badges import count_bubble, status_pill
from agent_platform.components.brand import agent_icon
from agent_platform.components.money import money
from agent_platform.components.tables import Column, cell, each, row, row_link, table
from agent_platform.components.theme import Slot, when

REST = (
    Column("Run"),
    Column("Status"),
    Column("Started by", wide_only=True),
    Column("Time", numeric=True, wide_only=True),
    Column("Charged", numeric=True),
    Column("Ago", numeric=True, wide_only=True),
)


def run_list(
    rows: Any, *, chosen: Any, on_choose: Callable[[Any], Any], on_choose_all: Any, can_choose: Any
) -> rx.Component:
    """`RunListRow` lines; the boxes are there only while `can_choose`."""
    every = rx.el.label(
        rx.el.input(
            type="checkbox",
            checked=chosen.length() > 0,
            on_change=on_choose_all,
            aria_label="Choose all that have not ended",
        ),
        class_name="tick over",
    )
    return rx.cond(
        can_choose,
        table(
            (Column(every), *REST),
            each(rows, lambda view: row(_box(view, chosen, on_choose), *_cells(view), href=view.href)),
            name="Runs",
        ),
        table(REST, each(rows, lambda view: row(*_cells(view), href=view.href)), name="Runs"),
    )


def group_links(groups: Any) -> rx.Component:
    """`OptionView` links of one filter: the chosen one is marked, `count` is a bubble."""

    def link(one: Any) -> rx.Component:
        return rx.el.a(
            one.label,
            when(one.count, count_bubble(one.count)),
            href=one.href,
            aria_current=rx.cond(one.chosen, "page", "false"),
        )

    return rx.el.nav(rx.foreach(groups, link), class_name="tabs", aria_label="Status")


def _box(view: Any, chosen: Any, on_choose: Callable[[Any], Any]) -> rx.Component:
    tick = rx.el.label(
        rx.el.input(
            type="checkbox",
            checked=chosen.contains(view.id),
            on_change=on_choose(view.id),
            aria_label=f"Choose {view.title}",
        ),
        class_name="tick over",
    )
    return cell(rx.cond(view.can_stop, tick), class_name="tick-cell")


def _cells(view: Any) -> list[Slot]:
    words = rx.el.div(
        row_link(view.title, href=view.href), rx.el.div(view.agent, class_name="muted meta"), min_width="0"
    )
    return [
        cell(rx.el.div(agent_icon(view.slug, 24), words, class_name="row gap-3")),
        cell(status_pill(view.state)),
        cell(view.started_by, class_name="muted only-wide"),
        cell(view.time, numeric=True, class_name="only-wide"),
        cell(money(view.charged), numeric=True),
        cell(view.ago, numeric=True, class_name="muted only-wide"),
    ]
