"""What the page of an agent says of its price."""

from dataclasses import replace

import pytest

from agent_platform.services import billing, catalog
from agent_platform.views.agent import AgentView, with_sheet
from agent_platform.views.pricing import PLUS_TIME
from agent_platform.views.quotes import quote_view
from agent_platform.views.site.agent import described, picture_of

KNOWN = billing.History(21, 1_200, 3_400, 900)
PER_EVENT = {"model": "per_event", "events": {"page": {"title": "Page", "price_micro_usd": 2_000, "primary": True}}}


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ({"model": "free"}, "Typically $0.0012 for sandbox time."),
        (billing.own_price(), "Typically $0.0012 for sandbox time."),
        (PER_EVENT, "Typically $0.0012."),
    ],
)
def test_the_quote_of_an_agent_without_a_price_says_what_is_paid(price, said):
    quote = billing.quote(price, history=KNOWN, memory_mb=256, timeout_seconds=60)
    assert quote_view(quote, version="1.0.0").typical == said


def test_the_picture_of_a_free_agent_has_room_for_one_word_of_its_price():
    free, priced = AgentView(price="Free", price_unit=PLUS_TIME), AgentView(price="$0.02", price_unit="/ run")
    assert [picture_of(one).figures[0] for one in (free, priced)] == [("price", "Free"), ("price", "$0.02 / run")]
    assert "Free + sandbox time." in described(free)


@pytest.mark.parametrize("runs", [3, 30])
def test_the_quote_says_when_a_typical_run_would_end_at_the_cap(runs):
    dear = billing.History(runs, 2_000_000, 2_400_000, 900)
    asked = {"history": dear, "memory_mb": 256, "timeout_seconds": 60}
    said = quote_view(billing.quote(PER_EVENT, **asked, cap_micro_usd=500_000), version="1.0.0").sentence
    assert "A typical run costs $2.00 and would end at this cap, unfinished." in said
    assert "unfinished" not in quote_view(billing.quote(PER_EVENT, **asked), version="1.0.0").sentence


SHEET = catalog.PermissionSheet([], "low", "1.1.0", "1.0.0")
ROW = catalog.PermissionFacts("state", "database", "Keeps state for you", "Remembers.", "", "new")


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (catalog.PermissionSheet([ROW], "low", "1.0.0"), ""),
        (SHEET, "1.1.0 may do the same as 1.0.0, which this workspace accepted last."),
        (
            replace(SHEET, rows=[ROW]),
            "This is 1.1.0 compared with 1.0.0, which this workspace accepted last.",
        ),
        (
            replace(SHEET, rows=[ROW], waits=True),
            (
                "This is 1.1.0 compared with 1.0.0, which this workspace accepted last."
                " Runs here stay with 1.0.0 until 1.1.0 is accepted."
            ),
        ),
    ],
)
def test_the_sheet_says_with_which_version_it_is_compared(sheet, said):
    view = with_sheet(AgentView(), sheet, may_accept=True)
    assert view.compared == said
    assert [row.change for row in view.permissions] == [row.change for row in sheet.rows]
    assert (view.waiting, view.may_accept) == (("1.1.0", True) if sheet.waits else ("", False))
