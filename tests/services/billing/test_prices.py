"""Price lists: quotes, caps, prefixes that can be paid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_platform.core.money import compute_cost_micro_usd, parse_usd, share_micro_usd
from agent_platform.services import billing

PAGE = {
    "title": "Page checked",
    "price_micro_usd": 2_000,
    "primary": True,
    "tiers": [{"from": 10_000, "price_micro_usd": 1_700}],
    "free_per_month": 0,
}
PER_EVENT = {
    "model": "per_event",
    "costs": "included",
    "charge_on": "stored",
    "events": {"page": PAGE},
    "smallest_cap_micro_usd": 20_000,
}
PER_RUN = {
    "model": "per_run",
    "costs": "included",
    "events": {"run": {"title": "Run", "price_micro_usd": 40_000, "primary": True}},
}


def test_without_history_the_default_cap_is_half_a_dollar():
    assert billing.default_cap(PER_EVENT, billing.History()) == 500_000


def test_with_history_the_default_cap_is_twice_p90_rounded_up_to_a_cent():
    history = billing.History(runs=20, p50_micro_usd=180_000, p90_micro_usd=246_001, p50_ms=48_000)
    assert billing.default_cap(PER_EVENT, history) == 500_000
    assert billing.default_cap(PER_EVENT, billing.History(20, 1_000, 2_000, 1)) == 20_000


def test_after_a_few_runs_the_default_cap_is_at_least_what_nine_of_ten_of_them_cost():
    assert billing.default_cap(PER_EVENT, billing.History(3, 2_000_000, 2_345_678, 1)) == 2_350_000
    assert billing.default_cap(PER_EVENT, billing.History(3, 1_000, 2_000, 1)) == 500_000


def test_nineteen_runs_are_not_enough_for_a_quote_of_figures():
    quote = billing.quote(PER_EVENT, history=billing.History(19, 1, 2, 3), memory_mb=512, timeout_seconds=60)
    assert quote.p90_micro_usd is None
    assert quote.primary_micro_usd == 2_000


def test_a_price_per_run_is_known_exactly():
    assert (
        billing.quote(PER_RUN, history=billing.History(), memory_mb=512, timeout_seconds=60).known_micro_usd == 40_000
    )


def test_a_cap_below_one_run_is_refused():
    with pytest.raises(billing.CapBelowSmallest, match=r"\$0\.04; you set \$0\.03"):
        billing.refuse_small_cap(PER_RUN, 30_000)


def test_twelve_rows_under_a_cent_store_five():
    assert billing.payable(PER_EVENT, "page", units=12, units_before=0, left_micro_usd=10_000) == (5, 10_000)


def test_the_tier_is_fixed_at_accept():
    before = billing.frozen_at_accept(PER_EVENT, {"page": 9_950})
    after = billing.frozen_at_accept(PER_EVENT, {"page": 10_150})
    assert before["events"]["page"]["price_micro_usd"] == 2_000
    assert after["events"]["page"]["price_micro_usd"] == 1_700


def test_free_units_of_the_month_come_first():
    price = billing.frozen_at_accept({**PER_EVENT, "events": {"page": {**PAGE, "free_per_month": 10}}}, {"page": 7})
    assert billing.payable(price, "page", units=5, units_before=0, left_micro_usd=1_000_000) == (5, 4_000)


def test_models_that_cannot_be_charged_yet_are_refused():
    with pytest.raises(billing.PriceModelNotAvailable, match="subscription"):
        billing.refuse_unchargeable({"model": "subscription"})


def test_compute_follows_the_examples_of_the_price_list():
    assert compute_cost_micro_usd(512, 47_600) == 1_323
    assert compute_cost_micro_usd(256, 4_000) == 56
    assert share_micro_usd(166_000) == 141_100


@given(st.integers(0, 1_000_000_000))
def test_every_amount_reads_back_exactly(micro):
    assert parse_usd(f"{micro // 1_000_000}.{micro % 1_000_000:06d}") == micro


@pytest.mark.parametrize("wrong", ["0.0000001", "-1", "1001", "nan", "inf", "1e400", "", "ten", 0.5, None])
def test_what_is_not_an_exact_amount_is_refused(wrong):
    with pytest.raises(ValueError, match=r".+"):
        parse_usd(wrong)


@given(st.integers(1, 1_000), st.integers(1, 10_000), st.integers(0, 2_000_000))
def test_the_paid_prefix_never_passes_what_is_left(units, price, left):
    offer = {"events": {"e": {"price_micro_usd": price}}}
    paid, amount = billing.payable(offer, "e", units=units, units_before=0, left_micro_usd=left)
    assert 0 <= paid <= units
    assert amount == paid * price <= left
    assert paid == units or amount + price > left
