"""How soon a publisher answers what is said about its agents."""

import pytest
from sqlalchemy import text

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session
from agent_platform.services import catalog
from tests.services.catalog.test_reviews import Shop


@pytest.fixture
def used(settings):
    shop = Shop()
    shop.finish()
    return shop


def reply_time(used):
    with public_session() as session:
        return catalog.reply_time(session, listing_id=used.listing_id)


def test_how_soon_the_publisher_answers_is_known_once_it_has_answered(used):
    review_id = used.write()
    used.work()
    assert reply_time(used) is None
    with publisher_session() as session:
        later = "UPDATE catalogue.reviews SET reply = 'Thank you.', replied_at = written_at + interval '2 hours'"
        session.execute(text(f"{later} WHERE id = :id"), {"id": review_id})
    used.buy_as("second")
    used.finish("k2")
    used.write(2)
    used.work()
    assert reply_time(used) == catalog.ReplyFacts(seconds=7_200, answered=1, reviews=2)
