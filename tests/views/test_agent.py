"""What the page of an agent says of its price."""

import pytest

from agent_platform.services import billing
from agent_platform.views.agent import PLUS_TIME, AgentView, quote_view
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
