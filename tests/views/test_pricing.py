"""What so many units cost."""

import pytest

from agent_platform.views.format import many
from agent_platform.views.pricing import cost_of, costs_of, price_rows, read_units

PAGE = {
    "title": "Page checked",
    "price_micro_usd": 2_000,
    "tiers": [{"from": 10_000, "price_micro_usd": 1_700}, {"from": 100_000, "price_micro_usd": 1_400}],
}
LINK = {"title": "Link checked", "price_micro_usd": 100}
PRICE = {"model": "per_event", "events": {"page": PAGE, "link": LINK}}


@pytest.mark.parametrize(
    ("units", "micro_usd"),
    [
        (1, 2_000),
        (9_999, 9_999 * 2_000),
        (10_000, 10_000 * 2_000),
        (10_001, 10_000 * 2_000 + 1_700),
        (150_000, 10_000 * 2_000 + 90_000 * 1_700 + 50_000 * 1_400),
    ],
)
def test_each_unit_costs_what_the_units_before_it_have_reached(units, micro_usd):
    assert cost_of(PAGE, units) == micro_usd


def test_every_event_is_counted_with_its_volume_prices():
    assert [(one.label, one.value, one.note) for one in costs_of(PRICE, 1_000)] == [
        ("Page checked", "$2.00", "at $0.002 each, $0.0017 from 10,000, $0.0014 from 100,000"),
        ("Link checked", "$0.10", "at $0.0001 each"),
    ]
    assert [row.tiers for row in price_rows(PRICE)] == ["$0.0017 from 10,000, $0.0014 from 100,000", ""]
    assert costs_of({"model": "free"}, 1_000) == []


@pytest.mark.parametrize(("typed", "units"), [("1", 1), ("10,000", 10_000), (" 2 500 ", 2_500), ("1000000000", 10**9)])
def test_a_number_of_units_is_read_as_people_write_it(typed, units):
    assert read_units(typed) == units


@pytest.mark.parametrize("typed", ["", "0", "-5", "1e6", "ten", "1.5", "1000000001", "9" * 5_000, "\u0663"])
def test_what_is_no_number_of_units_is_refused_with_what_to_write(typed):
    with pytest.raises(ValueError, match="Write"):
        read_units(typed)


def test_one_run_is_no_plural():
    assert [many(number, "run") for number in (0, 1, 1_234)] == ["0 runs", "1 run", "1,234 runs"]
