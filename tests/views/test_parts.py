"""Meters and sparklines are computed once, on the server."""

import pytest

from agent_platform.views.parts import meter_view, spark_path


@pytest.mark.parametrize(
    ("used", "level", "fill"),
    [
        (0, "none", "0.0%"),
        (166_000, "normal", "33.2%"),
        (400_000, "warn", "80.0%"),
        (500_000, "full", "100.0%"),
        (600_000, "full", "100.0%"),
    ],
)
def test_the_meter_changes_at_eighty_percent_and_at_the_cap(used, level, fill):
    view = meter_view(used, 500_000)
    assert (view.level, view.fill) == (level, fill)


def test_the_usual_range_is_hatched_and_named():
    view = meter_view(166_000, 500_000, p50=140_000, p90=250_000)
    assert (view.band_from, view.band_width, view.band_middle) == ("28.0%", "22.0%", "39.0%")
    assert (view.band_label, view.cap_label) == ("typical $0.14\N{EN DASH}$0.25", "cap $0.50")
    assert view.text == "$0.166 of $0.50 cap"


def test_a_range_past_the_cap_ends_at_the_cap():
    assert meter_view(0, 100_000, p50=90_000, p90=400_000).band_width == "10.0%"


def test_a_cap_of_zero_draws_an_empty_meter():
    assert meter_view(0, 0, p50=1, p90=2).fill == "0.0%"


def test_a_sparkline_needs_two_values_and_a_flat_one_is_flat():
    assert spark_path([1]) == ""
    assert spark_path([3, 3]) == "M0.0 20.0 L88.0 20.0"
