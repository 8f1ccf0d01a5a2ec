"""What people report, what reviewers decide, and that a suspended agent starts no run through any door."""

import pytest
from sqlalchemy import text

from agent_platform.core import queue
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.platform import platform_session
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import Conflict, InputInvalid, NotFound, RateLimited
from agent_platform.services import audit, catalog, identity, runs
from tests.factories import make_reviewer, make_tenant, make_user
from tests.services.catalog.test_reviews import Shop
from tests.services.runs.conftest import result


@pytest.fixture
def shop(settings):
    return Shop("per_event")


def report(shop, *, kind="abuse", said="It mines coins.", review_id=None, by=None, tenant=None):
    person = by or shop.caller.user_id
    with tenant_session(tenant or shop.consumer) as session:
        return catalog.file_report(
            session, listing_id=shop.listing_id, review_id=review_id, kind=kind, text=said, by=person, by_name="Mara"
        )


def waiting(by=None):
    return identity.in_platform(catalog.list_reports, by=by or make_reviewer())


def decide(report_id, answer, *, note="Seen and checked.", by=None):
    facts = {"report_id": report_id, "answer": answer, "note": note, "by": by or make_reviewer()}
    identity.in_platform(catalog.decide_report, **facts)


def suspend(shop, reason="It mines coins.", by=None):
    identity.in_platform(catalog.suspend, listing_id=shop.listing_id, reason=reason, by=by or make_reviewer())


def lift(shop, reason="Fixed in 1.0.1.", by=None):
    identity.in_platform(catalog.lift, listing_id=shop.listing_id, reason=reason, by=by or make_reviewer())


def sync():
    with acting_as("worker"):
        catalog.sync_suspensions()


def actions(tenant):
    with tenant_session(tenant) as session:
        return [one.action for one in audit.list_entries(session)]


def test_a_report_reaches_the_queue_with_what_it_is_about(shop):
    first = report(shop)
    shop.finish()
    review_id = shop.write(1, "Buy coins at example.com")
    shop.work()
    neighbour = make_user("Ben")
    second = report(
        shop,
        kind="misleading",
        said="An advert.",
        review_id=review_id,
        by=neighbour,
        tenant=make_tenant(owner=neighbour),
    )
    found = waiting()
    assert [(one.id, one.kind, one.slug, one.review and one.review.text) for one in found] == [
        (first, "abuse", "counter", None),
        (second, "misleading", "counter", "Buy coins at example.com"),
    ]
    assert found[0].text == "It mines coins."


def test_the_same_person_s_second_report_of_the_same_replaces_the_first(shop):
    assert report(shop) == report(shop, kind="broken", said="It never ends.")
    assert [(one.kind, one.text) for one in waiting()] == [("broken", "It never ends.")]


@pytest.mark.parametrize(("kind", "said"), [("spam", "x"), ("abuse", " "), ("abuse", "x" * 2_001)])
def test_what_is_no_report_is_refused(shop, kind, said):
    with pytest.raises(InputInvalid, match="Nothing was sent"):
        report(shop, kind=kind, said=said)
    assert waiting() == []


@pytest.mark.sec
def test_one_person_cannot_flood_the_queue(shop):
    for number in range(5):
        report(shop, said=f"Number {number}")
    with pytest.raises(RateLimited):
        report(shop, said="Number 5")
    report(shop, by=make_user("Somebody else"), said="Another voice.")


@pytest.mark.sec
def test_only_platform_roles_read_and_decide_and_the_reporter_s_workspace_stays_fenced(shop):
    report_id = report(shop)
    acts = (
        waiting,
        lambda person: decide(report_id, "suspend", by=person),
        lambda person: suspend(shop, by=person),
        lambda person: lift(shop, by=person),
    )
    for person in (shop.caller.user_id, shop.maker.user_id, make_reviewer("support")):
        for act in acts:
            with pytest.raises(catalog.NotReviewer):
                act(person)
    with tenant_session(shop.publisher) as session:
        assert session.execute(text("SELECT count(*) FROM app.reports")).scalar_one() == 0
    assert [one.id for one in waiting()] == [report_id]


@pytest.mark.parametrize(("answer", "state"), [("uphold", "upheld"), ("dismiss", "dismissed")])
def test_a_decision_has_words_closes_the_report_and_is_on_record(shop, answer, state):
    report_id = report(shop)
    with pytest.raises(Conflict, match="Say why"):
        decide(report_id, answer, note=" ")
    decide(report_id, answer)
    with tenant_session(shop.consumer) as session:
        row = session.execute(text("SELECT state, decision_note FROM app.reports")).one()
        entry = audit.list_entries(session)[0]
    assert tuple(row) == (state, "Seen and checked.")
    assert (entry.action, entry.detail["note"]) == (f"report.{state}", "Seen and checked.")
    assert waiting() == []
    with pytest.raises(NotFound, match="not open any more"):
        decide(report_id, "dismiss")
    shop.start()


def test_of_two_reviewers_who_decide_at_once_the_second_stops_nothing(shop, monkeypatch):
    from agent_platform.services.catalog import _reports

    filed, put = report(shop), _reports.suspend

    def overtaken(*given, **more):
        put(*given, **more)
        decide(filed, "dismiss")

    monkeypatch.setattr(_reports, "suspend", overtaken)
    with pytest.raises(Conflict, match="somebody has decided"):
        decide(filed, "suspend")
    shop.start(key="still")


def test_a_suspended_agent_starts_no_run_through_any_door_from_that_moment_on(shop):
    caller = shop.running(key="parent")
    queued = shop.start(key="queued")
    before = shop.money()
    decide(report(shop), "suspend", note="It mines coins.")
    refused = pytest.raises(
        catalog.AgentSuspended, match=r"suspended by the operator.*Nothing was charged.*mines coins"
    )
    with refused:
        shop.start(key="page")
    with refused, tenant_session(shop.consumer) as session:
        runs.rerun(session, run_id=caller.id, idempotency_key="again", caller=shop.caller)
    with refused:
        shop.start(key="pinned", version="1.0.0")
    with refused:
        shop.start(key="dry", dry_run=True)
    assert shop.launch(queued) is False
    ended = shop.now(queued)
    assert (ended.state, ended.failure_class, ended.failure_code, ended.charged_micro_usd) == (
        "failed",
        "platform",
        "agent_suspended",
        0,
    )
    assert shop.money()[0] == before[0] + queued.cap_micro_usd


def test_agents_cannot_call_a_suspended_agent(settings):
    shop = Shop("per_event")
    shop.release("caller", agents=["maker/counter"])
    parent = shop.running(key="parent", slug="caller", accept_permissions=True)
    suspend(shop)
    request = runs.ChildRequest("maker/counter", {"n": 1}, 10_000, "k", None)
    with (
        acting_as("broker"),
        pytest.raises(catalog.AgentSuspended),
        tenant_session(shop.consumer) as session,
    ):
        runs.start_child(session, run_id=parent.id, attempt=1, request=request)


def test_a_run_that_has_begun_goes_on_to_its_end_and_stays_readable(shop):
    run = shop.running(key="k1")
    suspend(shop)
    sync()
    shop.speak(run, result(1))
    shop.end(run)
    assert shop.now(run).state == "succeeded"
    with tenant_session(shop.consumer) as session:
        assert runs.find_receipt(session, run_id=run.id) is not None
    shop.write(1, "It was suspended.")


def test_the_directory_follows_and_what_was_lifted_is_as_before(shop):
    by = make_reviewer()
    suspend(shop, by=by)
    assert queue.queue("maintenance").count  # the message that makes the catalogue follow
    sync()
    with public_session() as session:
        assert catalog.search(session).listings == []
        with pytest.raises(NotFound):
            catalog.get_listing(session, publisher="maker", slug="counter")
        facts = catalog.find_suspended(session, publisher="maker", slug="counter")
    assert (facts.name, facts.reason) == ("Counter", "It mines coins.")
    with pytest.raises(Conflict, match="already"):
        suspend(shop)
    with pytest.raises(Conflict, match="Say why"):
        lift(shop, " ")
    assert [one.slug for one in identity.in_platform(catalog.list_suspended, by=by)] == ["counter"]
    lift(shop, by=by)
    shop.start(key="back")
    sync()
    with public_session() as session:
        assert catalog.get_listing(session, publisher="maker", slug="counter").card.state == "published"
        assert catalog.find_suspended(session, publisher="maker", slug="counter") is None
    assert actions(shop.publisher)[:2] == ["listing.lifted", "listing.suspended"]
    with pytest.raises(NotFound, match="not suspended"):
        lift(shop)


def test_maintenance_comes_back_after_a_suspension_and_withdrawal_is_final(shop):
    from agent_platform.core.db.publisher import publisher_session

    with publisher_session() as session:
        session.execute(text("UPDATE catalogue.listings SET state = 'maintenance'"))
    suspend(shop)
    sync()
    assert shop.listing.state == "suspended"
    lift(shop)
    sync()
    assert shop.listing.state == "maintenance"
    suspend(shop)
    sync()
    with publisher_session() as session:
        session.execute(text("UPDATE catalogue.listings SET state = 'withdrawn'"))
    lift(shop)
    sync()
    assert shop.listing.state == "withdrawn"


def test_what_is_withdrawn_from_use_while_an_agent_is_suspended_stays_so_when_it_is_lifted(shop):
    from agent_platform.core.db.publisher import publisher_session
    from agent_platform.services.catalog import _shelf

    suspend(shop)
    sync()
    with publisher_session() as session:
        _shelf.yank_releases(session, shop.listing.id, ["1.0.0"])
    assert shop.listing.state == "suspended"
    lift(shop)
    sync()
    assert shop.listing.state == "deprecated"


def test_a_review_that_was_taken_down_is_read_by_nobody_and_its_author_reads_why(shop):
    shop.finish()
    review_id = shop.write(1, "Buy coins at example.com")
    shop.work()
    decide(report(shop, review_id=review_id), "suspend", note="An advert.")
    sync()
    assert shop.read().reviews == []
    assert (shop.listing.rating, shop.listing.rating_count) == (None, 0)
    standing = shop.standing()
    assert (standing.may_write, standing.hidden_note) == (False, "An advert.")
    shop.work()  # an old message does not bring it back
    assert shop.read().reviews == []
    with pytest.raises(catalog.ReviewRefused, match="taken"):
        shop.write(5, "Again.")
    shop.start(key="still runs")


@pytest.mark.sec
def test_no_role_but_the_platform_s_writes_suspensions(shop):
    suspend(shop)
    for role in ("app", "worker", "broker"):
        for statement in ("DELETE FROM platform.suspensions", "UPDATE platform.suspensions SET reason = ''"):
            with (
                acting_as(role),
                pytest.raises(Exception, match="permission denied"),
                tenant_session(shop.publisher) as session,
            ):
                session.execute(text(statement))
    with platform_session() as session:
        assert session.execute(text("SELECT count(*) FROM platform.suspensions")).scalar_one() == 1
