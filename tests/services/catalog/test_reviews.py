"""Who may say what an agent is worth, and what everybody reads of it."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.models.catalogue import Listing
from agent_platform.models.tenancy import Membership
from agent_platform.services import audit, billing, catalog
from tests.factories import caller_of, make_tenant, make_user
from tests.services.runs.conftest import Bench, item, result
from workers.jobs import HANDLERS


class Shop(Bench):
    """A consumer who has finished a run of the publisher's agent, and what both say about it."""

    def __init__(self, pricing="free"):
        super().__init__(pricing)
        self.maker = caller_of(self.publisher, name="Ines Duarte")
        with public_session() as session:
            self.listing_id = catalog.get_listing(session, publisher="maker", slug="counter").card.id

    def buy_as(self, slug):
        """From here on another workspace is the consumer."""
        self.consumer = make_tenant(slug)
        self.caller = caller_of(self.consumer)
        with acting_as("worker"), tenant_session(self.consumer) as session:
            billing.grant_plan_credit(session, month="2026-11")

    def finish(self, key="k1", **ending):
        run = self.running(key=key)
        if not ending:
            self.speak(run, result(1))
        self.end(run, **ending)
        return run

    def write(self, stars=4, said="Does what it says.", caller=None, tenant=None):
        """As somebody who has the workspace's review before them."""
        changes = self.standing(caller, tenant).review_id
        with tenant_session(tenant or self.consumer) as session:
            return self.write_in(session, stars, said, caller=caller or self.caller, changes=changes)

    def write_in(self, session, stars, said, *, caller, changes=None):
        words = {"stars": stars, "text": said, "changes": changes}
        return catalog.write_review(session, listing_id=self.listing_id, caller=caller, **words)

    def delete(self, review_id, caller=None, tenant=None):
        with tenant_session(tenant or self.consumer) as session:
            catalog.delete_review(session, review_id=review_id, caller=caller or self.caller)

    def reply(self, review_id, said="Thank you.", caller=None, tenant=None):
        with tenant_session(tenant or self.publisher) as session:
            catalog.reply_to_review(session, review_id=review_id, text=said, caller=caller or self.maker)

    def standing(self, caller=None, tenant=None):
        with tenant_session(tenant or self.consumer) as session:
            return catalog.standing(session, listing_id=self.listing_id, caller=caller or self.caller)

    def work(self):
        """What the maintenance worker does with the messages that wait."""
        with acting_as("worker"), dispatch_session() as session:
            waiting = session.execute(
                text("SELECT tenant_id, kind, payload FROM app.outbox WHERE kind LIKE 'review.%' ORDER BY created_at")
            ).all()
        for message in waiting:
            with acting_as("worker"):
                HANDLERS[message.kind](message.tenant_id, message.payload)

    def read(self):
        with public_session() as session:
            return catalog.list_reviews(session, listing_id=self.listing_id)

    @property
    def listing(self):
        with public_session() as session:
            return session.get_one(Listing, self.listing_id)


@pytest.fixture
def shop(settings):
    return Shop()


@pytest.fixture
def used(shop):
    shop.finish()
    return shop


def test_a_review_is_read_by_everybody_with_its_author_and_never_its_tenant(used):
    used.write(4, "**Fast** and exact.")
    used.work()
    (review,) = used.read().reviews
    assert (review.stars, review.text, review.reviewer_label, review.version) == (
        4,
        "**Fast** and exact.",
        "Mara Okafor, Buyer",
        "1.0.0",
    )
    with public_session() as session:
        stored = session.execute(text("SELECT row_to_json(r)::text FROM catalogue.reviews r")).scalar_one()
    for secret in (used.consumer, used.caller.user_id):
        assert str(secret) not in stored


def test_one_workspace_has_one_review_which_it_may_change(used):
    first = used.write(2, "Slow.")
    used.work()
    assert used.write(5, "Fast since 1.0.1.") == first
    used.work()
    found = used.read()
    assert [(one.stars, one.text) for one in found.reviews] == [(5, "Fast since 1.0.1.")]
    assert found.reviews[0].edited_at is not None
    assert (used.listing.rating, used.listing.rating_count) == (5.0, 1)


def test_the_mean_and_the_number_of_each_follow_every_review(used):
    used.write(5)
    used.buy_as("second")
    used.finish("k2")
    used.write(2)
    used.work()
    found = used.read()
    assert (found.counts, found.total, found.average) == ({5: 1, 4: 0, 3: 0, 2: 1, 1: 0}, 2, 3.5)
    assert (used.listing.rating, used.listing.rating_count) == (3.5, 2)
    assert [one.reviewer_label for one in found.reviews] == ["Mara Okafor, Second", "Mara Okafor, Buyer"]


@pytest.mark.parametrize(
    ("ending", "counts"),
    [
        ({}, True),
        ({"phase": "failed", "reason": "error", "exit_code": 1}, True),
        ({"phase": "failed", "reason": "timeout"}, True),
        ({"phase": "failed", "reason": "start_timeout"}, False),
    ],
)
def test_only_a_finished_run_that_says_something_about_the_agent_gives_the_right(shop, ending, counts):
    with pytest.raises(catalog.ReviewRefused, match="have run the agent"):
        shop.write()
    run = shop.finish(**ending)
    for attempt in (2, 3):  # what the platform could not start it tries twice more
        if shop.now(run).finished_at is None:
            shop.launch(run)
            shop.end(run, attempt=attempt, **ending)
    assert shop.now(run).finished_at is not None
    assert shop.standing().may_write is counts
    if counts:
        shop.write()
    else:
        with pytest.raises(catalog.ReviewRefused, match="have run the agent"):
            shop.write()


def test_a_run_under_way_or_dry_gives_no_right(shop):
    run = shop.running(key="k1")
    assert not shop.standing().may_write
    shop.speak(run, result(1))
    shop.end(run)
    assert shop.standing().may_write
    shop.buy_as("second")
    dry = shop.running(key="dry", dry_run=True)
    shop.speak(dry, result(1))
    shop.end(dry)
    assert shop.now(dry).state == "succeeded"
    assert not shop.standing().may_write


def test_a_run_whose_money_was_given_back_gives_no_right(settings):
    shop = Shop("per_run")
    run = shop.running(key="k1")
    shop.speak(run, {"seq": 1, "type": "items", "items": [{"wrong": 1}], "event": None, "keys": None}, result(2))
    shop.end(run)
    ended = shop.now(run)
    assert (ended.state, ended.failure_code, ended.charged_micro_usd) == ("failed", "output_invalid", 0)
    assert not shop.standing().may_write
    paid = shop.running(key="k2")
    shop.speak(paid, item(1, 1, event=None), result(2))
    shop.end(paid)
    assert shop.now(paid).charged_micro_usd == 20_000
    assert shop.standing().may_write


def test_the_publisher_never_reviews_itself_under_any_name(used):
    with pytest.raises(catalog.ReviewRefused, match="cannot review it"):
        used.write(5, caller=used.maker, tenant=used.publisher)
    owner = make_user("Ines Duarte")
    for tenant in (used.consumer, used.publisher):
        with tenant_session(tenant) as session:
            session.add(Membership(tenant_id=tenant, user_id=owner, role="owner", display_name="Ines"))
    assert used.standing().why_not.startswith("An owner of this workspace is a member")
    with pytest.raises(catalog.ReviewRefused, match="An owner of this workspace"):
        used.write(5)
    used.work()
    assert used.read().reviews == []


def test_who_is_in_the_publisher_s_workspace_reviews_nowhere_and_colleagues_may(used):
    with tenant_session(used.publisher) as session:
        session.add(
            Membership(tenant_id=used.publisher, user_id=used.caller.user_id, role="viewer", display_name="Ines")
        )
    assert used.standing().why_not.startswith("You are a member of the workspace that publishes this agent")
    with pytest.raises(catalog.ReviewRefused, match="would not count"):
        used.write(5)
    used.write(4, caller=caller_of(used.consumer, role="member", name="Ben"))


def test_viewers_read_members_change_their_own_and_admins_every_review_of_theirs(used):
    member = caller_of(used.consumer, role="member", name="Ben")
    used.write(3, caller=member)
    viewer, other, admin = (caller_of(used.consumer, role=role, name=role) for role in ("viewer", "member", "admin"))
    with pytest.raises(catalog.ReviewRefused, match="Viewers read"):
        used.write(1, caller=viewer)
    with pytest.raises(catalog.ReviewRefused, match="Ben has written"):
        used.write(1, caller=other)
    used.write(4, caller=member)
    used.write(5, caller=admin)
    used.work()
    assert [(one.stars, one.reviewer_label) for one in used.read().reviews] == [(5, "admin, Buyer")]


@pytest.mark.parametrize(("stars", "said"), [(0, "x"), (6, "x"), (-1, "x"), (3, ""), (3, " \n\0"), (3, "x" * 4_001)])
def test_what_is_no_review_is_refused(used, stars, said):
    with pytest.raises(InputInvalid, match="Nothing was saved"):
        used.write(stars, said)
    assert used.standing().review_id is None


def test_the_publisher_answers_once_it_is_public_and_nobody_else_does(used):
    review_id = used.write()
    with pytest.raises(NotFound):
        used.reply(review_id)  # the directory does not show it yet
    used.work()
    with pytest.raises(NotFound):
        used.reply(review_id, caller=used.caller, tenant=used.consumer)
    member = caller_of(used.publisher, role="member", name="Ben")
    with pytest.raises(catalog.ReviewRefused, match="answers reviews"):
        used.reply(review_id, caller=member)
    used.reply(review_id, "Thank you.", caller=replace(member, features=("build",)))
    used.work()
    first = used.read().reviews[0]
    used.reply(review_id, "Thank you, Mara.")
    used.write(5, "Even better.")
    used.work()
    again = used.read().reviews[0]
    assert (first.reply, again.reply, again.text) == ("Thank you.", "Thank you, Mara.", "Even better.")
    assert first.replied_at == again.replied_at


def test_a_deleted_review_is_gone_for_everybody_and_another_may_be_written(used):
    review_id = used.write(2)
    used.work()
    assert (used.listing.rating, used.standing().may_delete) == (2.0, True)
    used.delete(review_id)
    used.work()  # also the message of its writing once more, which may come late
    assert used.read().reviews == []
    assert (used.listing.rating, used.listing.rating_count) == (None, 0)
    assert (used.standing().review_id, used.standing().may_write, used.standing().may_delete) == (None, True, False)
    with tenant_session(used.consumer) as session:
        assert next(one.action for one in audit.list_entries(session)) == "review.deleted"
    again = used.write(5, "Better by now.")
    used.work()
    assert again != review_id
    assert [(one.stars, one.text) for one in used.read().reviews] == [(5, "Better by now.")]


def test_a_review_is_deleted_by_its_author_or_an_admin_of_its_workspace_alone(used):
    member, other, viewer, admin = (
        caller_of(used.consumer, role=role, name=name)
        for role, name in (("member", "Ben"), ("member", "Mia"), ("viewer", "Vic"), ("admin", "Ada"))
    )
    review_id = used.write(3, caller=member)
    assert [used.standing(one).may_delete for one in (member, other, viewer, admin)] == [True, False, False, True]
    with pytest.raises(catalog.ReviewRefused, match="Ben has written"):
        used.delete(review_id, caller=other)
    with pytest.raises(catalog.ReviewRefused, match="Viewers read"):
        used.delete(review_id, caller=viewer)
    with pytest.raises(NotFound):
        used.delete(review_id, caller=used.maker, tenant=used.publisher)
    used.delete(review_id, caller=admin)
    with pytest.raises(NotFound):
        used.delete(review_id, caller=admin)


def test_reviews_lie_behind_the_fence_of_whoever_wrote_them(used):
    used.write()
    with tenant_session(used.publisher) as session:
        assert session.execute(text("SELECT count(*) FROM app.reviews")).scalar_one() == 0
    with tenant_session(used.consumer) as session:
        assert session.execute(text("SELECT count(*) FROM app.reviews")).scalar_one() == 1
        assert next(one.action for one in audit.list_entries(session)) == "review.written"
