"""The worked example of the landing page adds up, and figures that would be zero are left out."""

from dataclasses import replace

import pytest

from agent_platform.services import billing, catalog
from agent_platform.views.format import MoneyView
from agent_platform.views.landing import GUIDE, GUIDE_PRICE, Subject, cards_of, example_of, landing_view

PER_PAGE = {
    "model": "per_event",
    "costs": "included",
    "events": {"page": {"title": "Page checked", "price_micro_usd": 2_000, "primary": True}},
    "smallest_cap_micro_usd": 10_000,
}
HISTORY = billing.History(runs=1_204, p50_micro_usd=180_000, p90_micro_usd=250_000, p50_ms=48_000)
AUDITOR = Subject("Site Auditor", "site-auditor", "harbor/site-auditor", "2.3.1", PER_PAGE, HISTORY, memory_mb=512)


def micro(money: MoneyView) -> int:
    text = (money.lead + money.tail).replace("\N{MINUS SIGN}", "-").replace("$", "").replace(",", "")
    return round(float(text) * 1_000_000)


@pytest.mark.parametrize("subject", [AUDITOR, replace(AUDITOR, history=billing.History(), units=83)])
def test_the_receipt_adds_up_to_the_cap(subject):
    example = example_of(subject)
    charged, sandbox, released = (micro(line.amount) for line in example.lines)
    assert charged == micro(example.charged) > 0
    assert charged + sandbox + released == example.meter.cap_micro_usd


def test_what_the_creator_keeps_is_what_the_sums_leave():
    example = example_of(AUDITOR)
    assert sum(micro(line.amount) for line in example.sums) == micro(example.keeps)
    price, fee, sandbox = (micro(line.amount) for line in example.sums)
    assert price == 1_000 * micro(example.charged)
    assert fee == -price * 15 // 100
    assert sandbox < 0


def test_the_units_come_from_the_usual_cost():
    example = example_of(AUDITOR)
    assert (example.before, example.before_note) == ("$0.18", "typical")
    assert example.lines[0].note == "90 \N{MULTIPLICATION SIGN} $0.002"
    assert example.quote.sentence == "9 of 10 runs under $0.25, never above $0.50. About 48 s."


def test_without_history_nothing_typical_is_claimed():
    assert (GUIDE.before, GUIDE.before_note) == ("$0.0002", "/ row added up")
    assert GUIDE.quote.typical == ""
    assert GUIDE.meter.band_label == ""
    assert "before sandbox time" in GUIDE.keeps_words
    assert len(GUIDE.sums) == 2


def test_the_example_is_never_charged_above_its_cap():
    dear = replace(AUDITOR, history=billing.History(), units=9_999)
    example = example_of(dear)
    assert micro(example.charged) == example.meter.cap_micro_usd == 500_000
    assert micro(example.lines[2].amount) == 0
    assert GUIDE_PRICE["events"]["row"]["price_micro_usd"] == 200


def test_figures_that_would_be_zero_are_left_out():
    assert landing_view(catalog.Totals(0, 0, 0), [], None).figures == []
    some = landing_view(catalog.Totals(1, 1, 0), [], None)
    assert [(one.value, one.label) for one in some.figures] == [("1", "agent ready to run"), ("1", "publisher")]
    assert some.browse == "Browse 1 agent"
    assert some.example == GUIDE
    all_of_them = landing_view(catalog.Totals(3, 2, 1_204, 0.984), [], None).figures
    assert [one.value for one in all_of_them] == ["1,204", "98.4 %", "3", "2"]


def test_an_unknown_collection_shows_the_first():
    assert cards_of([], "featured") == []
    empty = catalog.Collection("trending", "Trending", [])
    assert cards_of([empty], "nonsense") == []
