"""The line of success says no more than the runs do."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from agent_platform.services.catalog import ListingFacts
from agent_platform.views.parts import FactView
from agent_platform.views.site import blocks as b
from agent_platform.views.site.html import drawn
from agent_platform.views.site.markdown import written
from agent_platform.views.success import success_fact, success_path

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def of(*days, share=None):
    """A listing whose last days had so many good and bad runs."""
    empty = [(0, 0)] * (30 - len(days))
    every = [
        SimpleNamespace(day=date(2026, 11, 1) + timedelta(days=number), good=good, bad=bad)
        for number, (good, bad) in enumerate([*empty, *days])
    ]
    return SimpleNamespace(card=SimpleNamespace(success_30d=share), days=every)


def test_three_days_are_a_line_with_words():
    fact = success_fact(of((9, 1), (4, 0), (1, 1), share=0.875), NOW)
    assert (fact.value, fact.note) == ("87.5 %", "of 16 runs")
    assert fact.spark == "M81.9 3.8 L85.0 2.0 L88.0 11.0"
    assert (
        fact.spark_words
        == "Success by day, 1 Nov to 30 Nov: 50 % on the worst and 100 % on the best of 3 days with runs"
    )


@pytest.mark.parametrize(("days", "note"), [((), ""), (((1, 0),), "of 1 run"), (((1, 0), (0, 1)), "of 2 runs")])
def test_fewer_days_are_none_and_the_number_of_runs_says_why(days, note):
    fact = success_fact(of(*days), NOW)
    assert (fact.spark, fact.spark_words, fact.note) == ("", "", note)


def test_days_without_runs_are_gaps_and_a_day_between_them_a_dot():
    assert success_path([1.0, None, 0.0, None, 0.5, 1.0]) == "M0.0 2.0h.01 M35.2 20.0h.01 M70.4 11.0 L88.0 2.0"
    assert success_path([]) == success_path([None]) == ""


def test_a_fall_of_one_in_a_hundred_looks_like_one():
    heights = [float(one) for one in re.findall(r" ([0-9.]+)(?= |$)", success_path([1.0, 0.99, 1.0]))]
    assert max(heights) - min(heights) < 0.5


def test_readers_without_scripts_have_the_line_and_programs_its_words():
    fact = FactView("Success", "98 %", "of 40 runs", "M0 2 L3 4", "Success by day")
    assert '<svg aria-label="Success by day" class="spark" role="img"' in drawn(b.Facts([fact]))
    assert "<svg" not in drawn(b.Facts([replace(fact, spark="")]))
    assert "- Success: 98 % (of 40 runs; Success by day)" in written([b.Facts([fact])], "", address="")


def test_the_facts_of_a_listing_have_days():
    assert "days" in ListingFacts.__dataclass_fields__
