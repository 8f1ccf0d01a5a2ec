"""Charts: one template per colour mode, a summary in words, and the same numbers as a table."""

from typing import Any

import plotly.graph_objects as go
import reflex as rx

from agent_platform.components.feedback import empty
from agent_platform.components.theme import CHART_CONFIG, DARK_CHART, LIGHT_CHART, Slot, Text


def chart(figure: Any, *, summary: Text, twin: Slot, series: tuple[int, ...] = (), height: int = 210) -> rx.Component:
    """A Plotly figure var; `twin` is its table, opened below. Set no colours in the figure.

    `series` names the colours of its traces in order, 1 to 7: succeeded 2, stopped at cap 1, failed 6, timed out 3,
    worker lost 5, cancelled 7. Loads 355 KB (gzip) on the pages that use it.
    """
    drawn = rx.plotly.basic(
        data=figure,
        template=rx.color_mode_cond(_coloured(LIGHT_CHART, series), _coloured(DARK_CHART, series)),
        config=CHART_CONFIG,
        use_resize_handler=True,
        width="100%",
        height=f"{height}px",
    )
    table = rx.el.details(rx.el.summary("Numbers as a table", class_name="meta muted"), twin)
    return rx.el.figure(
        rx.el.div(drawn, class_name="plot", role="img", aria_label=summary, min_height=f"{height}px"),
        rx.el.figcaption(summary, class_name="sr-only"),
        table,
    )


def chart_or_empty(drawn: rx.Component, table: Any, *, title: str, sentence: str, height: int = 210) -> rx.Component:
    """The chart while its table has rows; axes without anything on them say nothing, so a sentence stands in their place."""
    nothing = empty(title, sentence, icon_name="chart-bar", boxed=False)
    blank = rx.el.div(nothing, class_name="blank-chart", min_height=f"{height}px")
    return rx.cond(table.rows.length() > 0, drawn, blank)


def _coloured(template: go.layout.Template, series: tuple[int, ...]) -> go.layout.Template:
    if not series:
        return template
    chosen = go.layout.Template(template)
    chosen.layout.colorway = [template.layout.colorway[number - 1] for number in series]
    return chosen


def legend(*entries: tuple[str, int]) -> rx.Component:
    """The legend of a card head: pairs of words and series number 1 to 7."""
    return rx.el.ul(*[_entry(words, number) for words, number in entries], class_name="row wrap gap-3 meta muted")


def legend_of(table: Any) -> rx.Component:
    """The legend of a chart whose series are, in order, the columns of its table after the first."""
    entries = rx.foreach(table.columns[1:], lambda words, place: _entry(words, place + 1))
    return rx.el.ul(entries, class_name="row wrap gap-3 meta muted legend")


def _entry(words: Text, number: Any) -> rx.Component:
    return rx.el.li(rx.el.span(class_name="key", background=f"var(--c{number})"), words, class_name="row gap-1")
