"""Two who write at the same time: the first review of a workspace, or a review and its answer."""

import threading
import time

import psycopg
import pytest
from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Conflict
from agent_platform.services import audit, catalog
from tests.factories import caller_of
from tests.services.catalog.test_reports import decide, make_reviewer, report, sync
from tests.services.catalog.test_reviews import Shop
from tests.services.catalog.test_taken_down import put_back

BLOCKED = text("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")


@pytest.fixture
def used(settings):
    shop = Shop()
    shop.finish()
    return shop


class Colleague(threading.Thread):
    """Writes in a transaction of its own; `refused` is what it was told."""

    def __init__(self, shop, caller):
        super().__init__(daemon=True)
        self.shop, self.caller, self.refused = shop, caller, None

    def run(self):
        try:
            with tenant_session(self.shop.consumer) as session:
                self.shop.write_in(session, 1, "Mine.", caller=self.caller)
        except Conflict as refused:
            self.refused = refused


def at_once(shop, first, second):
    """Both have looked before either has committed; returns what the second was told."""
    colleague = Colleague(shop, second)
    with tenant_session(shop.consumer) as session:
        shop.write_in(session, 5, "Theirs.", caller=first)
        colleague.start()
        deadline = time.monotonic() + 10
        while not session.execute(BLOCKED).scalar_one():
            assert time.monotonic() < deadline
            time.sleep(0.01)
    colleague.join(10)
    assert not colleague.is_alive()
    return colleague.refused


@pytest.mark.parametrize("role", ["member", "admin"])
def test_the_second_is_told_who_was_first_and_replaces_nothing(used, role):
    first = caller_of(used.consumer, role="member", name="Ben")
    second = caller_of(used.consumer, role=role, name="Ada")
    refused = at_once(used, first, second)
    assert isinstance(refused, catalog.ReviewOvertaken)
    assert refused.sentence.startswith("Ben has written the review")
    used.work()
    assert [(one.stars, one.text) for one in used.read().reviews] == [(5, "Theirs.")]
    assert (used.listing.rating, used.listing.rating_count) == (5.0, 1)
    with tenant_session(used.consumer) as session:
        assert [one.action for one in audit.list_entries(session)].count("review.written") == 1


def test_who_sends_the_same_twice_has_one_review(used):
    refused = at_once(used, used.caller, used.caller)
    assert refused.sentence.startswith("You have sent this twice")
    used.work()
    assert [one.text for one in used.read().reviews] == ["Theirs."]


def test_an_admin_replaces_a_colleague_s_review_only_after_having_seen_that_it_is_there(used):
    ben, admin = (caller_of(used.consumer, role=role, name=role) for role in ("member", "admin"))
    review_id = used.write(2, "Slow.", caller=ben)
    with (
        pytest.raises(catalog.ReviewOvertaken, match="Nothing of yours was saved"),
        tenant_session(used.consumer) as session,
    ):
        used.write_in(session, 5, "Fast.", caller=admin)
    with tenant_session(used.consumer) as session:
        assert used.write_in(session, 5, "Fast.", caller=admin, changes=review_id) == review_id
    used.work()
    assert [one.text for one in used.read().reviews] == ["Fast."]


def test_an_id_of_nothing_or_of_another_workspace_s_review_changes_nothing_of_theirs(used):
    theirs = used.write(4, "Good.")
    used.buy_as("second")
    used.finish("k2")
    with tenant_session(used.consumer) as session:
        ours = used.write_in(session, 1, "Bad.", caller=used.caller, changes=theirs)
    assert ours != theirs
    used.work()
    assert {one.text for one in used.read().reviews} == {"Good.", "Bad."}


class Job(threading.Thread):
    """What a worker does, in a thread of its own."""

    def __init__(self, work, **what):
        super().__init__(daemon=True)
        self.work = lambda: work(**what)
        self.start()

    def run(self):
        with acting_as("worker"):
            self.work()


def until(database, is_so):
    deadline = time.monotonic() + 10
    while not is_so(database.execute("SELECT locktype FROM pg_locks WHERE NOT granted").fetchall()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_answer_given_while_the_review_is_put_back_stands_beneath_it(used, database):
    review_id = used.write()
    used.work()
    with psycopg.connect(database.superuser) as keeper, psycopg.connect(database.superuser, autocommit=True) as watcher:
        with tenant_session(used.publisher) as session:  # begun while the review was read by everybody
            catalog.reply_to_review(session, review_id=review_id, text="Thank you.", caller=used.maker)
            decide(report(used, review_id=review_id), "suspend", note="An advert.")
            sync()
            put_back(review_id)
            keeper.execute("SELECT FROM catalogue.listings WHERE id = %s FOR UPDATE", (used.listing_id,))
            jobs = [Job(catalog.publish_review, tenant_id=used.consumer, review_id=review_id)]
            until(watcher, lambda waiting: ("transactionid",) in waiting)  # it has looked for an answer, and found none
        jobs.append(Job(catalog.publish_reply, tenant_id=used.publisher, review_id=review_id))
        until(watcher, lambda waiting: ("advisory",) in waiting or not jobs[1].is_alive())
        keeper.commit()
        for job in jobs:
            job.join(10)
            assert not job.is_alive()
    assert [(one.text, one.reply) for one in used.read().reviews] == [("Does what it says.", "Thank you.")]


def test_a_review_that_is_taken_down_while_it_is_published_is_read_by_nobody(used, database):
    review_id = used.write()
    with psycopg.connect(database.superuser) as keeper, psycopg.connect(database.superuser, autocommit=True) as watcher:
        keeper.execute("SELECT FROM catalogue.listings WHERE id = %s FOR UPDATE", (used.listing_id,))
        jobs = [Job(catalog.publish_review, tenant_id=used.consumer, review_id=review_id)]
        until(watcher, lambda waiting: ("transactionid",) in waiting)  # it has asked whether the review is taken down
        watcher.execute(
            "INSERT INTO platform.suspensions (subject_id, kind, reason, by_user_id) VALUES (%s, 'review', 'An advert.', %s)",
            (review_id, make_reviewer()),
        )
        jobs.append(Job(catalog.sync_suspensions))
        until(watcher, lambda waiting: ("advisory",) in waiting or not jobs[1].is_alive())
        keeper.commit()
        for job in jobs:
            job.join(10)
            assert not job.is_alive()
    assert used.read().reviews == []
