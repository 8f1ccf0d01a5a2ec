"""Figures of the usage and overview pages, with their summary and table. Colours come from the template."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import plotly.graph_objects as go
import plotly.io

from agent_platform.core.money import MICRO
from agent_platform.services import analytics
from agent_platform.views.format import count, duration_ms, many, money_text
from agent_platform.views.parts import TableView

plotly.io.templates.default = None  # ours is applied in the browser; Plotly's own would travel with every figure

MOST_AGENTS = 5
OTHER = "Other"
MOST_TICKS = 6  # what a phone has room for
FEW = 5
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
# one revision for all redraws: zoom and hover survive new numbers; the card head has the legend
LAYOUT = {"uirevision": "usage", "transition": {"duration": 0}, "showlegend": False}
OUTCOMES = (
    ("Succeeded", "succeeded"),
    ("Stopped at cap", "capped"),
    ("Failed", "failed"),
    ("Timed out", "timed_out"),
    ("Worker lost", "lost"),
    ("Cancelled", "cancelled"),
)
OUTCOME_SERIES = (2, 1, 6, 3, 5, 7)
TIMES = ("p50", "p95", "p99")
TIME_SERIES = (2, 4, 3)


def runs_chart(buckets: Sequence[analytics.Bucket], *, hourly: bool) -> tuple[go.Figure, str, TableView]:
    """Stacked bars of runs by outcome."""
    at = [bucket.at for bucket in buckets]
    figure = _figure(at, hourly=hourly)
    for words, name in OUTCOMES:
        figure.add_bar(x=at, y=[getattr(bucket, name) for bucket in buckets], name=words)
    heights = [sum(getattr(bucket, name) for _, name in OUTCOMES) for bucket in buckets]
    figure.update_layout(barmode="stack", yaxis=_whole(max(heights, default=0)))
    total = sum(heights)
    summary = f"Runs by outcome: {many(total, 'run')} in {len(buckets)} {'hours' if hourly else 'days'}."
    rows = [
        [_when(bucket.at, hourly), *(count(getattr(bucket, name)) for _, name in OUTCOMES)]
        for bucket in buckets
        if any(getattr(bucket, name) for _, name in OUTCOMES)
    ]
    columns = ["Hour" if hourly else "Day", *(words for words, _ in OUTCOMES)]
    return figure, summary, TableView(columns, [False] + [True] * len(OUTCOMES), rows)


def spend_chart(
    points: Sequence[analytics.SpendPoint], slots: Sequence[datetime], names: dict[str, str], *, hourly: bool
) -> tuple[go.Figure, str, TableView]:
    """Stacked bars of spend by agent, the five dearest and the rest."""
    totals: dict[str, int] = {}
    for point in points:
        totals[point.agent_ref] = totals.get(point.agent_ref, 0) + point.cost_micro_usd
    dearest = sorted(totals, key=lambda ref: -totals[ref])[:MOST_AGENTS]
    shown = [*dearest, OTHER] if len(totals) > MOST_AGENTS else dearest
    grid: dict[str, dict[datetime, int]] = {ref: {} for ref in shown}
    for point in points:
        series = grid[point.agent_ref if point.agent_ref in dearest else OTHER]
        series[point.at] = series.get(point.at, 0) + point.cost_micro_usd
    figure = _figure(slots, hourly=hourly)
    for ref in shown:
        figure.add_bar(x=list(slots), y=[grid[ref].get(at, 0) / MICRO for at in slots], name=names.get(ref, ref))
    figure.update_layout(barmode="stack", yaxis={"tickprefix": "$", "tickformat": ".6~f", "hoverformat": ".6f"})
    summary = f"Spend by agent: {money_text(sum(totals.values()))} in all."
    rows = [
        [_when(at, hourly), *(money_text(grid[ref].get(at, 0)) for ref in shown)]
        for at in slots
        if any(grid[ref].get(at) for ref in shown)
    ]
    columns = ["Hour" if hourly else "Day", *(names.get(ref, ref) for ref in shown)]
    return figure, summary, TableView(columns, [False] + [True] * len(shown), rows)


def times_chart(
    times: Sequence[analytics.RunTimes], slots: Sequence[datetime], *, hourly: bool
) -> tuple[go.Figure, str, TableView]:
    """Lines of p50, p95 and p99 of run time."""
    figure = _figure(slots, hourly=hourly, ticks=4)
    room = timedelta(minutes=30) if hourly else timedelta(hours=12)  # for the mark of the first and last slot
    for name, dash in zip(TIMES, ("solid", "dash", "solid"), strict=True):
        figure.add_scatter(
            x=[point.at for point in times],
            y=[getattr(point, f"{name}_ms") / 1000 for point in times],
            name=name,
            mode="lines+markers" if len(times) < 3 else "lines",
            line={"dash": dash},
        )
    figure.update_layout(yaxis={"ticksuffix": " s"}, xaxis={"range": [slots[0] - room, slots[-1] + room]})
    latest = times[-1] if times else None
    summary = (
        f"Run time: p50 {duration_ms(latest.p50_ms)}, p95 {duration_ms(latest.p95_ms)} most recently."
        if latest
        else "No finished runs."
    )
    rows = [
        [_when(point.at, hourly), *(duration_ms(value) for value in (point.p50_ms, point.p95_ms, point.p99_ms))]
        for point in times
    ]
    return (
        figure,
        summary,
        TableView(["Hour" if hourly else "Day", *TIMES], [False, True, True, True], rows),
    )


def running_chart(points: Sequence[tuple[datetime, int]], quota: int) -> tuple[go.Figure, str, TableView]:
    """Area of the most runs at once, by minute of the last hour, against the plan's quota."""
    most = max(quota, *(number for _, number in points), 1) * 1.25
    figure = go.Figure(layout=LAYOUT)
    figure.add_scatter(
        x=[at for at, _ in points], y=[number for _, number in points], name="running", mode="lines", fill="tozeroy"
    )
    figure.add_hline(
        y=quota,
        line={"dash": "dash", "width": 1},
        annotation_text=f"quota {count(quota)}",
        annotation_position="top right",
    )
    figure.update_layout(
        xaxis={"nticks": 4, "tickformat": "%H:%M", "tickangle": 0},
        yaxis={"range": [0, most], **_whole(most)},
    )
    top = max((number for _, number in points), default=0)
    rows = [[f"{at:%H:%M} UTC", count(number)] for at, number in points if number]
    return (
        figure,
        f"At most {count(top)} at once in the last hour, quota {count(quota)}.",
        TableView(["Time", "Running"], [False, True], rows),
    )


def _figure(slots: Sequence[datetime], *, hourly: bool, ticks: int = MOST_TICKS) -> go.Figure:
    """Every tick is a whole day, or in `hourly` charts a whole hour, of the slots; one slot alone has its own words."""
    step = (HOUR_MS if hourly else DAY_MS) * max(1, -(-len(slots) // ticks))
    axis = {"tickformat": "%H:%M" if hourly else "%-d %b", "tickangle": 0, "dtick": step}
    return go.Figure(layout={**LAYOUT, "xaxis": axis | ({"tick0": slots[0]} if slots else {})})


def _whole(most: float) -> dict[str, Any]:
    """Runs are counted in whole numbers, which the automatic steps of a small axis are not."""
    return {"dtick": 1} if most <= FEW else {"tickformat": ",d"}


def _when(at: datetime, hourly: bool) -> str:
    return f"{at:%d %b %H:%M} UTC" if hourly else f"{at.day} {at:%b}"
