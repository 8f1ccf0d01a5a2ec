"""Rows that a run has put out as a table, its files, its result, and the ways to take them along."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from agent_platform.components.buttons import SAVES, link_button
from agent_platform.components.cards import card, card_body, card_head, facts
from agent_platform.components.money import money
from agent_platform.components.theme import Text, icon, when


@dataclass(frozen=True)
class OutputEvents:
    """What the controls of the output do; each makes an event."""

    choose_shape: Callable[[Any], Any]
    sort_by: Callable[[Any], Any]
    find: Any
    previous: Any
    next: Any


def export_menu(base: Text) -> rx.Component:
    """The same rows as CSV, JSON or JSONL; all of them, not only the page."""
    items = [
        rx.el.a(icon(shown), words, href=f"{base}/export.{ending}", class_name="menu-item", **SAVES)
        for ending, shown, words in (
            ("csv", "table", "CSV, for spreadsheets"),
            ("json", "braces", "JSON, one list"),
            ("jsonl", "file-json", "JSONL, a row per line"),
        )
    ]
    head = rx.el.summary(icon("download", 14), "Export", class_name="btn outline s1")
    return rx.el.details(head, rx.el.div(*items, class_name="menu-list"), class_name="menu")


def result_card(items: Any) -> rx.Component:
    """What the agent returned, as `FactView` lines."""
    return rx.cond(items.length() > 0, card(card_head("Result"), card_body(facts(items), class_name="lines")))


def files_card(items: Any) -> rx.Component:
    return rx.cond(items.length() > 0, card(card_head("Files"), card_body(file_list(items))))


def file_list(items: Any) -> rx.Component:
    """`FileView` lines, each a download."""

    def line(view: Any) -> rx.Component:
        words = rx.el.div(
            rx.el.div(view.name, class_name="medium truncate"),
            when(view.title, rx.el.div(view.title, class_name="meta muted")),
            class_name="grow",
        )
        fetch = link_button(
            "Download",
            rx.el.span(view.name, class_name="sr-only"),
            href=view.href,
            size=1,
            icon_name="download",
            saves=True,
        )
        return rx.el.li(
            icon("file-text"), words, rx.el.span(view.size, class_name="meta muted num"), fetch, class_name="row gap-3"
        )

    return rx.el.ul(rx.foreach(items, line), class_name="col gap-3")


def row_table(view: Any, events: OutputEvents) -> rx.Component:
    """The page of an `OutputView`; each head sorts."""
    heads = rx.foreach(view.columns, lambda column: _head(column, events))
    charged = rx.cond(view.is_priced, rx.el.th("Charged", scope="col", class_name="n"))
    body = rx.foreach(view.rows, lambda row: _row(row, view.is_priced))
    return rx.el.div(
        rx.el.table(rx.el.thead(rx.el.tr(heads, charged)), rx.el.tbody(body), class_name="table"),
        class_name="scroll",
        role="region",
        aria_label=view.title,
        tab_index=0,
    )


def _head(column: Any, events: OutputEvents) -> rx.Component:
    mark = rx.match(
        column.sorted,
        ("ascending", icon("arrow-up", 12)),
        ("descending", icon("arrow-down", 12)),
        rx.fragment(),
    )
    press = rx.el.button(column.title, mark, type="button", class_name="sort", on_click=events.sort_by(column.key))
    return rx.el.th(press, scope="col", aria_sort=column.sorted, class_name=rx.cond(column.numeric, "n", ""))


def _row(row: Any, priced: Any) -> rx.Component:
    cells = rx.foreach(
        row.cells,
        lambda cell: rx.el.td(
            cell.text,
            class_name=rx.cond(cell.numeric, "n", "long") + rx.cond(cell.muted, " muted", ""),
            title=rx.cond(cell.numeric, "", cell.text),
        ),
    )
    return rx.el.tr(cells, rx.cond(priced, rx.el.td(money(row.charged), class_name="n")))
