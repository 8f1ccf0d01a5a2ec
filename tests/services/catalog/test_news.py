"""What a workspace is told of the agents that it uses."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.catalogue import DayOfTests, Listing, Release
from agent_platform.services import catalog, identity
from agent_platform.services.catalog import NewsKind
from agent_platform.services.catalog._news import changed_price
from tests.factories import make_reviewer, make_tenant

WIDER = {"permissions": {"network": [{"host": "api.example.com", "why": "Reads prices."}]}}
DEARER = {"pricing": {"model": "per_run", "price": "0.03"}}
PAGES = {
    "model": "per_event",
    "events": {
        "page": {"price_micro_usd": 2_000, "primary": True},
        "big_file": {"price_micro_usd": 10_000, "primary": False},
    },
}


@pytest.fixture
def user(harbor):
    """A workspace that has accepted 1.0.0."""
    tenant = make_tenant()
    accept(tenant, harbor, harbor.publish())
    return tenant


def accept(tenant, creator, release_id):
    with tenant_session(tenant) as session:
        catalog.accept_permissions(session, listing_id=creator.agent.id, release_id=release_id, by=None)


def told(tenant, most=5):
    with tenant_session(tenant) as session:
        return catalog.list_news(session, most=most)


def kinds(tenant):
    return [one.kind for one in told(tenant)]


def change(creator, days_ago=0, **values):
    with publisher_session() as session:
        values |= {"updated_at": datetime.now(UTC) - timedelta(days=days_ago)}
        session.execute(update(Listing).where(col(Listing.id) == creator.agent.id).values(**values))


def test_a_version_that_asks_for_more_is_told_until_somebody_accepts_it(harbor, user):
    assert told(user) == []
    wider = harbor.publish(version="1.1.0", **WIDER)
    (news,) = told(user)
    assert (news.kind, news.name, news.version, news.stays_on) == (
        NewsKind.PERMISSIONS,
        "Site Auditor",
        "1.1.0",
        "1.0.0",
    )
    accept(user, harbor, wider)
    assert told(user) == []


def test_no_version_is_named_to_stay_on_where_the_accepted_one_starts_no_runs(harbor, user):
    harbor.publish(version="1.1.0", **WIDER)
    with publisher_session() as session:
        session.execute(update(Release).where(col(Release.number) == "1.0.0").values(state="yanked"))
    assert [one.stays_on for one in told(user)] == [""]


def test_a_new_price_is_told_to_whoever_used_the_agent_at_the_old_one(harbor, user):
    harbor.publish(version="1.1.0", **DEARER)
    harbor.publish(version="1.2.0", summary="Finds more broken links.", **DEARER)
    (news,) = told(user)
    assert (news.kind, news.version, news.before, news.after) == (
        NewsKind.PRICE,
        "1.1.0",
        ("$0.02", "run"),
        ("$0.03", "run"),
    )
    newcomer = make_tenant()
    accept(newcomer, harbor, harbor.publish(version="1.3.0", **DEARER))
    assert told(newcomer) == []


def test_the_price_of_an_event_beside_the_first_one_counts_too():
    after = {**PAGES, "events": {**PAGES["events"], "big_file": {"price_micro_usd": 20_000, "primary": False}}}
    assert changed_price(PAGES, after) == (("$0.01", "big file"), ("$0.02", "big file"))
    assert changed_price(PAGES, PAGES) is None
    assert changed_price({"model": "free"}, PAGES) == (("Free", ""), ("$0.002", "page"))


def test_a_suspension_is_told_alone_and_goes_when_it_is_lifted(harbor, user):
    harbor.publish(version="1.1.0", **WIDER, **DEARER)
    assert kinds(user) == [NewsKind.PRICE, NewsKind.PERMISSIONS]
    decision = {"listing_id": harbor.agent.id, "by": make_reviewer()}
    identity.in_platform(catalog.suspend, reason="It misleads.", **decision)
    assert kinds(user) == [NewsKind.SUSPENDED]
    with acting_as("worker"):
        catalog.sync_suspensions()
    assert kinds(user) == [NewsKind.SUSPENDED]
    identity.in_platform(catalog.lift, reason="Mended.", **decision)
    assert kinds(user) == [NewsKind.PRICE, NewsKind.PERMISSIONS]


def test_maintenance_is_told_since_the_day_of_tests_that_brought_it(harbor, user):
    change(harbor, state="maintenance")
    at = datetime.now(UTC) - timedelta(days=9)
    days = [("maintenance", 0), ("published", 1), ("maintenance", 2), ("maintenance", 3)]
    tested = {"listing_id": harbor.agent.id, "version": "1.0.0", "tests": 1, "failed": 1}
    rows = [
        {**tested, "state": state, "day": (at + timedelta(days=n)).date(), "finished_at": at + timedelta(days=n)}
        for state, n in days
    ]
    with publisher_session() as session:
        session.execute(insert(DayOfTests), rows)
    (news,) = told(user)
    assert (news.kind, news.at) == (NewsKind.MAINTENANCE, at + timedelta(days=2))


def test_a_withdrawal_is_told_for_thirty_days_and_figures_do_not_make_it_new(harbor, user):
    with tenant_session(harbor.tenant) as session:
        catalog.withdraw(session, agent_id=harbor.agent.id, by=harbor.by)
    harbor.sync(harbor.agent.id)
    (news,) = told(user)
    assert news.kind == NewsKind.WITHDRAWN
    change(harbor, days_ago=29)
    with acting_as("worker"):
        catalog.refresh_figures()
    harbor.sync(harbor.agent.id)
    (news,) = told(user)
    assert news.at < datetime.now(UTC) - timedelta(days=28)
    change(harbor, days_ago=31)
    assert told(user) == []


@pytest.mark.sec
def test_nothing_is_told_of_agents_that_only_others_use(harbor, user):
    harbor.publish(version="1.1.0", **WIDER)
    assert kinds(user) == [NewsKind.PERMISSIONS]
    assert told(make_tenant()) == []
    assert told(harbor.tenant) == []


def test_the_newest_comes_first_and_no_more_than_asked_for(harbor, user):
    harbor.publish(version="1.1.0", **DEARER)
    harbor.publish(version="1.2.0", **DEARER, **WIDER)
    assert kinds(user) == [NewsKind.PERMISSIONS, NewsKind.PRICE]
    assert [one.kind for one in told(user, most=1)] == [NewsKind.PERMISSIONS]
