"""A chart of a run's rows. Colours come from the template; labels are the agent's words and become plain text."""

import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from agent_platform.services.runs import Item
from agent_platform.views.format import count
from agent_platform.views.parts import TableView
from agent_platform.views.run_cells import cell_text, is_number, listed, properties_of, title_of
from agent_platform.views.run_views import ViewSpec
from agent_platform.views.run_words import one_line, rows_text

MOST_POINTS = 500
MOST_TICKS = 6
MOST_TICK = 14
MOST_TWIN = 100
DATES = frozenset({"date", "date-time"})


@dataclass(frozen=True)
class Drawn:
    """`empty` says why there is nothing to draw, `said` what is left out of the picture."""

    figure: go.Figure
    summary: str = ""
    twin: TableView = TableView()
    said: str = ""
    empty: str = ""


def chart_of(view: ViewSpec, items: Sequence[Item], output: dict[str, Any], *, total: int) -> Drawn:
    """Bars or lines of the first rows; what has no numbers is left out and named."""
    schema = properties_of(output, "item")
    rows = [item.payload for item in items]
    lines = [key for key in view.keys if any(is_number(row.get(key)) for row in rows)]
    if not any(row.get(view.x) is not None for row in rows):
        return Drawn(go.Figure(), empty=f"No row has {_name(view.x, schema)}, which this chart is drawn over.")
    if not lines:
        return Drawn(go.Figure(), empty=f"No row has a number in {listed([_name(key, schema) for key in view.keys])}.")
    figure = _figure(view, rows, lines, schema)
    titles = [_name(key, schema) for key in lines]
    summary = f"{view.title}: {listed(titles)} by {_name(view.x, schema)}, {rows_text(len(rows))}."
    return Drawn(figure, summary, _twin(view, rows, lines, schema), _left_out(view, lines, len(rows), total, schema))


def _figure(view: ViewSpec, rows: list[dict[str, Any]], lines: list[str], schema: dict[str, Any]) -> go.Figure:
    if _runs_by_value(view, rows, schema):  # a line goes from left to right, whatever the order of the rows
        rows = sorted((row for row in rows if row.get(view.x) is not None), key=lambda row: row[view.x])
    places, axis = _places(view, rows, schema)
    figure = go.Figure(layout={"uirevision": view.id, "transition": {"duration": 0}, "xaxis": axis})
    for key in lines:
        values = [value if is_number(value := row.get(key)) else None for row in rows]
        name = html.escape(title_of(key, schema.get(key) or {}), quote=False)
        if view.chart == "line":
            mode = "lines" if len(rows) > MOST_TICKS else "lines+markers"
            figure.add_scatter(x=places, y=values, name=name, mode=mode)
        else:
            figure.add_bar(x=places, y=values, name=name)
    figure.update_layout(showlegend=False, barmode="group", yaxis={"rangemode": "tozero"})
    return figure


def _places(view: ViewSpec, rows: list[dict[str, Any]], schema: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Where the rows lie and how their axis reads: numbers and times of a line by value, all else row by row."""
    values = [row.get(view.x) for row in rows]
    if _runs_by_value(view, rows, schema):
        kind = {} if is_number(values[0]) else {"type": "date"}
        return values, {**kind, "automargin": True, "nticks": MOST_TICKS}
    labels = _apart([html.escape(one_line(cell_text(value), 80), quote=False) for value in values])
    step = -(-len(labels) // MOST_TICKS)
    ticks = labels[::step]
    axis = {
        "type": "category",
        "automargin": True,
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [html.escape(one_line(html.unescape(tick), MOST_TICK), quote=False) for tick in ticks],
    }
    return labels, axis


def _runs_by_value(view: ViewSpec, rows: list[dict[str, Any]], schema: dict[str, Any]) -> bool:
    values = [row[view.x] for row in rows if row.get(view.x) is not None]
    if len(set(map(str, values))) < 2:  # a scale needs two ends: one place alone is named
        return False
    is_date = (schema.get(view.x) or {}).get("format") in DATES and all(isinstance(value, str) for value in values)
    return view.chart == "line" and (is_date or all(is_number(value) for value in values))


def _apart(labels: list[str]) -> list[str]:
    """Equal labels are numbered: one place of the axis holds one row."""
    seen: Counter[str] = Counter()
    apart = []
    for label in labels:
        seen[label] += 1
        apart.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return apart


def _twin(view: ViewSpec, rows: list[dict[str, Any]], lines: list[str], schema: dict[str, Any]) -> TableView:
    keys = [view.x, *lines]
    return TableView(
        [title_of(key, schema.get(key) or {}) for key in keys],
        [False, *[True for _ in lines]],
        [[cell_text(row.get(key)) for key in keys] for row in rows[:MOST_TWIN]],
    )


def _left_out(view: ViewSpec, lines: list[str], drawn: int, total: int, schema: dict[str, Any]) -> str:
    missing = [_name(key, schema) for key in view.keys if key not in lines]
    parts = [f"Without numbers and left out: {listed(missing)}."] if missing else []
    if total > drawn:
        parts.append(f"Drawn from the first {count(drawn)} of {rows_text(total)}; the export has them all.")
    return " ".join(parts)


def _name(key: str, schema: dict[str, Any]) -> str:
    return title_of(key, schema.get(key) or {})
