"""Runs in a table: what ran, how it went, who started it, what it cost."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import status_pill
from agent_platform.components.brand import agent_icon
from agent_platform.components.tables import Column, cell, each, row, row_link, table

COLUMNS = (
    Column("Run"),
    Column("Status"),
    Column("Started by", wide_only=True),
    Column("Time", numeric=True, wide_only=True),
    Column("Charged", numeric=True),
    Column("Ago", numeric=True, wide_only=True),
)


def run_table(items: Any, *, name: str = "Runs") -> rx.Component:
    """A table of `RunRowView`; each row leads to its run."""
    return table(COLUMNS, each(items, run_row), name=name)


def run_row(view: Any) -> rx.Component:
    words = rx.el.div(
        row_link(view.title, href=view.href), rx.el.div(view.agent, class_name="muted meta"), min_width="0"
    )
    return row(
        cell(rx.el.div(agent_icon(view.slug, 24), words, class_name="row gap-3")),
        cell(status_pill(view.state)),
        cell(view.started_by, class_name="muted only-wide"),
        cell(view.time, numeric=True, class_name="only-wide"),
        cell(view.charged, numeric=True),
        cell(view.ago, numeric=True, class_name="muted only-wide"),
        href=view.href,
    )
