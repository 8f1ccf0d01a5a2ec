"""Axes of the charts: ticks fall on whole days, hours and runs, however little there is to draw."""

from datetime import UTC, datetime, timedelta

import pytest

from agent_platform.services.analytics import Bucket, RunTimes
from agent_platform.views.usage_charts import DAY_MS, HOUR_MS, running_chart, runs_chart, spend_chart, times_chart

FIRST = datetime(2026, 11, 16, tzinfo=UTC)


def buckets(number, *, hours=24, runs=0):
    """All runs lie in the last one."""
    at = [FIRST + timedelta(hours=hours * n) for n in range(number)]
    return [Bucket(one, runs if one == at[-1] else 0, 0, 0, 0, 0, 0, 0) for one in at]


@pytest.mark.parametrize(("days", "step"), [(1, 1), (7, 2), (14, 3), (30, 5)])
def test_a_tick_of_a_chart_by_day_is_a_whole_day(days, step):
    axis = runs_chart(buckets(days, runs=3), hourly=False)[0].layout.xaxis
    assert (axis.dtick, axis.tickformat, axis.tick0) == (step * DAY_MS, "%-d %b", FIRST)


def test_a_tick_of_a_chart_by_hour_is_a_whole_hour():
    axis = runs_chart(buckets(24, hours=1, runs=3), hourly=True)[0].layout.xaxis
    assert (axis.dtick, axis.tickformat) == (4 * HOUR_MS, "%H:%M")


def test_few_runs_are_counted_in_whole_numbers():
    assert runs_chart(buckets(7, runs=1), hourly=False)[0].layout.yaxis.dtick == 1
    assert runs_chart(buckets(7, runs=900), hourly=False)[0].layout.yaxis.dtick is None
    assert running_chart([(FIRST, 1)], 3)[0].layout.yaxis.dtick == 1


def test_the_only_day_with_runs_lies_within_the_window_of_its_chart():
    slots = [bucket.at for bucket in buckets(7)]
    first, last = times_chart([RunTimes(slots[-1], 1, 2, 3)], slots, hourly=False)[0].layout.xaxis.range
    assert first < slots[0] < slots[-1] < last


def test_small_amounts_are_written_out_in_dollars():
    slots = [bucket.at for bucket in buckets(7)]
    assert spend_chart([], slots, {}, hourly=False)[0].layout.yaxis.tickformat == ".6~f"


def test_a_chart_without_anything_on_it_has_an_empty_table_by_which_the_page_knows():
    none = buckets(7)
    slots = [bucket.at for bucket in none]
    drawn = (
        runs_chart(none, hourly=False),
        spend_chart([], slots, {}, hourly=False),
        times_chart([], slots, hourly=False),
        running_chart([(FIRST, 0)], 2),
    )
    assert [table.rows for _, _, table in drawn] == [[], [], [], []]
