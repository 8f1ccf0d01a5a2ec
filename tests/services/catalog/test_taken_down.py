"""A review that was taken down is put back: read, counted, answered and changed as before."""

import pytest
from sqlalchemy import text

from agent_platform.core.db.platform import platform_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Conflict, NotFound
from agent_platform.core.ids import new_id
from agent_platform.services import audit, catalog, identity
from tests.factories import make_reviewer
from tests.services.catalog.test_reports import actions, decide, report, sync
from tests.services.catalog.test_reviews import Shop


@pytest.fixture
def shop(settings):
    """Two reviews, of five stars and of one; the second is answered, then taken down."""
    shop = Shop()
    shop.finish()
    shop.write(5, "Exact.")
    shop.buy_as("second")
    shop.finish("k2")
    shop.taken = shop.write(1, "Slow.")
    shop.work()
    shop.reply(shop.taken, "We are on it.")
    shop.work()
    decide(report(shop, review_id=shop.taken), "suspend", note="An advert.")
    sync()
    return shop


def put_back(review_id, reason="It is no advert.", by=None):
    identity.in_platform(catalog.put_back, review_id=review_id, reason=reason, by=by or make_reviewer())


def taken_down(by=None):
    return identity.in_platform(catalog.list_taken_down, by=by or make_reviewer())


def test_reviewers_see_what_was_taken_down_of_which_agent_and_why(shop):
    (one,) = taken_down()
    assert (one.review_id, one.publisher, one.slug, one.name) == (shop.taken, "maker", "counter", "Counter")
    assert (one.reviewer_label, one.stars, one.text, one.reason) == ("Mara Okafor, Second", 1, "Slow.", "An advert.")


def test_what_is_put_back_is_read_with_its_answer_and_counted_again(shop):
    assert (shop.listing.rating, shop.listing.rating_count) == (5.0, 1)
    put_back(shop.taken)
    shop.work()
    sync()
    found = shop.read()
    assert [(one.text, one.reply) for one in found.reviews] == [("Slow.", "We are on it."), ("Exact.", "")]
    assert (found.average, shop.listing.rating, shop.listing.rating_count) == (3.0, 3.0, 2)
    assert found.reviews[0].replied_at is not None
    assert taken_down() == []


def test_its_author_finds_the_decision_on_record_and_may_change_it_again(shop):
    assert shop.standing().hidden_note == "An advert."
    put_back(shop.taken)
    assert (shop.standing().hidden_note, shop.standing().may_write) == ("", True)
    with tenant_session(shop.consumer) as session:
        entry = audit.list_entries(session)[0]
    assert (entry.action, entry.subject, entry.detail["reason"]) == (
        "review.put_back",
        f"review:{shop.taken}",
        "It is no advert.",
    )
    assert "review.put_back" not in actions(shop.publisher)
    shop.write(3, "Faster now.")
    shop.work()
    assert {one.text for one in shop.read().reviews} == {"Exact.", "Faster now."}


def test_a_review_put_back_may_be_taken_down_again(shop):
    put_back(shop.taken)
    shop.work()
    decide(report(shop, review_id=shop.taken), "suspend", note="It is one after all.")
    sync()
    assert [one.text for one in shop.read().reviews] == ["Exact."]
    assert [one.reason for one in taken_down()] == ["It is one after all."]


def test_without_words_or_twice_or_for_what_is_no_such_review_nothing_happens(shop):
    with pytest.raises(Conflict, match="Say why"):
        put_back(shop.taken, " ")
    for review_id in (new_id(), shop.listing_id):
        with pytest.raises(NotFound, match="not taken down"):
            put_back(review_id)
    put_back(shop.taken)
    with pytest.raises(NotFound, match="not taken down"):
        put_back(shop.taken)


@pytest.mark.sec
def test_only_platform_roles_see_and_put_back_and_see_no_other_review(shop):
    for person in (shop.caller.user_id, shop.maker.user_id, make_reviewer("support")):
        with pytest.raises(catalog.NotReviewer):
            taken_down(person)
        with pytest.raises(catalog.NotReviewer):
            put_back(shop.taken, by=person)
    seen = text("SELECT id FROM app.reviews")
    with platform_session() as session:
        assert session.execute(seen).scalars().all() == [shop.taken]
    put_back(shop.taken)
    with platform_session() as session:
        assert session.execute(seen).scalars().all() == []
