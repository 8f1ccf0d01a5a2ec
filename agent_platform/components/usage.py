"""Pieces of the usage and overview pages: reasons, agents, hours of the week."""

from typing import Any

import reflex as rx

from agent_platform.components.brand import agent_icon
from agent_platform.components.money import money
from agent_platform.components.tables import Column, cell, each, row, row_link, table, totals
from agent_platform.components.theme import inline

AGENT_COLUMNS = (
    Column("Agent"),
    Column("Runs", numeric=True),
    Column("Success", numeric=True, wide_only=True),
    Column("Spend", numeric=True),
    Column("Per success", numeric=True, wide_only=True),
    Column("Share", wide_only=True),
)


def agents_table(usage: Any) -> rx.Component:
    """Spend by agent, the dearest first, with the sum of all."""
    total = totals(
        rx.el.td("Total"),
        rx.el.td(usage.total_runs, class_name="n"),
        rx.el.td(usage.total_success, class_name="n only-wide"),
        rx.el.td(money(usage.total_spend), class_name="n"),
        rx.el.td(class_name="only-wide"),
        rx.el.td(class_name="only-wide"),
    )
    return table(AGENT_COLUMNS, each(usage.agents, _agent_row), name="Spend by agent", foot=total)


def _agent_row(view: Any) -> rx.Component:
    share = rx.el.div(rx.el.span(custom_attrs=inline(w=view.share)), class_name="bar-share", aria_hidden="true")
    return row(
        cell(rx.el.div(agent_icon(view.slug, 24), row_link(view.name, href=view.href), class_name="row gap-3")),
        cell(view.runs, numeric=True),
        cell(view.success, numeric=True, class_name="only-wide"),
        cell(money(view.spend), numeric=True),
        cell(view.per_success, numeric=True, class_name="only-wide"),
        cell(share, class_name="only-wide"),
        href=view.href,
    )


def reasons(items: Any) -> rx.Component:
    """Sorted bars of why runs did not succeed."""

    def one(view: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(view.label),
            rx.el.span(class_name="bar", custom_attrs=inline(w=view.width, c=view.colour), aria_hidden="true"),
            rx.el.span(view.runs, class_name="num"),
            rx.el.span(view.source, class_name="muted"),
        )

    return rx.el.ul(each(items, one), class_name="reasons")


def week(rows: Any) -> rx.Component:
    """Runs per hour and weekday: seven rows, darker is more."""

    def hour(view: Any) -> rx.Component:
        depth = rx.match(view.depth, (1, "cell d1"), (2, "cell d2"), (3, "cell d3"), (4, "cell d4"), "cell")
        return rx.el.span(class_name=depth, title=view.label, role="img", aria_label=view.label)

    def day(cells: Any) -> rx.Component:
        return rx.fragment(rx.el.span(cells[0].label[:3]), rx.foreach(cells, hour))

    return rx.el.div(rx.foreach(rows, day), class_name="week", role="group", aria_label="Runs by weekday and hour")
