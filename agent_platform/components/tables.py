"""Tables: a head that stays, figures at the right, and a slot each for empty and loading."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from agent_platform.components.theme import Slot, Text, each


@dataclass(frozen=True)
class Column:
    """A head cell; `numeric` aligns the column to the right, `wide_only` leaves it out under 721 px."""

    label: Text
    numeric: bool = False
    wide_only: bool = False


def table(
    columns: Sequence[Column | str],
    *rows: Any,
    name: Text,
    foot: Slot | None = None,
    tall: bool = False,
    stacked: bool = False,
) -> rx.Component:
    """A table in its own named, scrollable region; rows are `rx.el.tr` or `each(items, draw)`.

    `stacked`: under 721 px each row stands as lines, so that no control lies outside the window.
    """
    heads = [column if isinstance(column, Column) else Column(column) for column in columns]
    parts = [rx.el.thead(rx.el.tr(*[_head(column) for column in heads])), rx.el.tbody(*rows)]
    if foot is not None:
        parts.append(rx.el.tfoot(foot))
    return rx.el.div(
        rx.el.table(*parts, class_name="table stacked" if stacked else "table"),
        class_name="scroll tall" if tall else "scroll",
        role="region",
        aria_label=name,
        tab_index=0,
    )


def row(*cells: Slot, href: Text = "", chosen: Any = None, **props: Any) -> rx.Component:
    """One row; with `href`, put `row_link` into a cell: the whole row then leads there."""
    classes = "open" if not isinstance(href, str) or href else ""
    if chosen is not None:
        classes = rx.cond(chosen, f"{classes} chosen", classes)
    return rx.el.tr(*cells, class_name=classes, **props)


def cell(*children: Slot, numeric: bool = False, class_name: str = "", label: str = "", **props: Any) -> rx.Component:
    """`label` names the value where its row is stacked and the head is not seen."""
    if label:
        props["custom_attrs"] = {"data-label": label}
    classes = " ".join(part for part in ("n" if numeric else "", class_name) if part)
    return rx.el.td(*children, class_name=classes, **props)


def row_link(*children: Slot, href: Text) -> rx.Component:
    """The link of a row; its hit area covers the row."""
    return rx.el.a(*children, href=href, class_name="row-link medium")


def two_lines(first: Slot, second: Slot, *, mono: bool = False) -> rx.Component:
    """A strong line over a muted one, for rows of 50 px."""
    return rx.el.div(
        rx.el.div(first, class_name="medium"), rx.el.div(second, class_name="muted meta mono" if mono else "muted meta")
    )


def text_table(view: Any, *, name: Text) -> rx.Component:
    """A `TableView` var of plain text: run output, a chart's twin."""
    heads = rx.foreach(
        view.columns, lambda label, n: rx.el.th(label, scope="col", class_name=_aligned(view.numeric[n]))
    )
    body = rx.foreach(
        view.rows,
        lambda line: rx.el.tr(rx.foreach(line, lambda text, n: rx.el.td(text, class_name=_aligned(view.numeric[n])))),
    )
    return rx.el.div(
        rx.el.table(rx.el.thead(rx.el.tr(heads)), rx.el.tbody(body), class_name="table"),
        class_name="scroll tall",
        role="region",
        aria_label=name,
        tab_index=0,
    )


def totals(*cells: Slot) -> rx.Component:
    return rx.el.tr(*cells)


def rows_or(state: Text, rows: Any, *, empty: rx.Component, loading: rx.Component) -> rx.Component:
    """What a list shows by its state var: loading, empty, else the rows. One that cannot be read fails its page."""
    return rx.match(state, ("loading", loading), ("empty", empty), rows)


def _head(column: Column) -> rx.Component:
    classes = " ".join(
        part for part in ("n" if column.numeric else "", "only-wide" if column.wide_only else "") if part
    )
    return rx.el.th(column.label, scope="col", class_name=classes)


def _aligned(numeric: Any) -> Any:
    return rx.cond(numeric, "n", "")


__all__ = ["Column", "cell", "each", "row", "row_link", "rows_or", "table", "text_table", "totals", "two_lines"]
