from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.ids import new_id
from agent_platform.models.catalogue import Listing, ListingSuccessDay, Publisher
from agent_platform.models.usage import CreatorRun
from agent_platform.services import catalog
from agent_platform.services.catalog._days import read_days
from tests.factories import make_tenant
from tests.services.catalog.shelf import fill


@pytest.fixture
def harbor(settings):
    """A creator's workspace with two listings whose figures are out of date."""
    tenant = make_tenant("harbor")
    stale = {"tenant_id": tenant, "runs_30d": 5, "success_30d": 0.1}
    ids = fill(site_auditor=stale, page_weight=stale)
    with publisher_session() as session:
        session.execute(insert(Publisher).values(tenant_id=tenant, handle="harbor-2", name="Harbor"))
    return tenant, ids["site-auditor"], ids["page-weight"]


def ran(tenant, listing, outcome, *, consumer="a", failure="", ms=1_000, price=20_000, days=1, related=False):
    with acting_as("worker"), tenant_session(tenant) as session:
        session.add(
            CreatorRun(
                tenant_id=tenant,
                run_id=new_id(),
                listing_id=listing,
                consumer_ref=consumer,
                outcome=outcome,
                failure_class=failure,
                is_related=related,
                duration_ms=ms,
                price_micro_usd=price,
                finished_at=datetime.now(UTC) - timedelta(days=days),
            )
        )


def refreshed(listing) -> Listing:
    with acting_as("worker"):
        catalog.refresh_figures()
    with public_session() as session:
        return session.get_one(Listing, listing)


def test_figures_come_from_the_runs_of_the_last_30_days(harbor):
    tenant, audited, _ = harbor
    for number in range(10):
        ran(
            tenant,
            audited,
            "succeeded",
            consumer=f"c{number % 3}",
            ms=1_000 * (number + 1),
            price=10_000 * (number + 1),
        )
    ran(tenant, audited, "succeeded", consumer="long ago", days=31)
    ran(tenant, audited, "succeeded", consumer="own", related=True)
    facts = refreshed(audited)
    assert (facts.runs_30d, facts.users_30d, facts.success_30d) == (10, 3, 1.0)
    assert (facts.median_ms, facts.p95_ms) == (5_500, 9_550)
    assert (facts.cost_p50_micro_usd, facts.cost_p90_micro_usd) == (55_000, 91_000)


def test_success_counts_what_the_agent_can_answer_for(harbor):
    tenant, audited, _ = harbor
    for outcome, failure in (
        ("succeeded", ""),
        ("capped", "cap"),
        ("failed", "agent"),
        ("failed", "upstream"),
        ("timed_out", "agent"),
        ("failed", "input"),
        ("failed", "platform"),
        ("cancelled", ""),
    ):
        ran(tenant, audited, outcome, failure=failure)
    facts = refreshed(audited)
    assert (facts.runs_30d, facts.success_30d) == (8, 2 / 5)


def test_a_listing_without_runs_shows_none(harbor):
    _, _, weighed = harbor
    facts = refreshed(weighed)
    assert (facts.runs_30d, facts.users_30d, facts.success_30d, facts.median_ms) == (0, 0, None, None)


def test_figures_are_those_of_the_creators_own_listings(harbor):
    tenant, audited, _ = harbor
    stranger = make_tenant()
    with publisher_session() as session:
        session.execute(insert(Publisher).values(tenant_id=stranger, handle="stranger", name="Stranger"))
    ran(stranger, audited, "failed", failure="agent")  # a row that claims another's listing
    ran(tenant, audited, "succeeded")
    facts = refreshed(audited)
    assert (facts.runs_30d, facts.success_30d) == (1, 1.0)


def test_the_rate_of_the_whole_directory_is_that_of_all_runs_that_count(harbor):
    tenant, audited, weighed = harbor
    with publisher_session() as session:
        session.execute(update(Listing).values(runs_30d=0, judged_30d=0, success_30d=None))
    ran(tenant, audited, "succeeded")
    for outcome, failure, times in (("succeeded", "", 2), ("failed", "agent", 1), ("failed", "input", 20)):
        for _ in range(times):
            ran(tenant, weighed, outcome, failure=failure)
    assert refreshed(weighed).judged_30d == 3
    with public_session() as session:
        found = catalog.totals(session)
    assert (found.runs_30d, found.success_30d) == (24, pytest.approx(3 / 4))


def days_of(listing):
    refreshed(listing)
    with public_session() as session:
        facts = session.get_one(Listing, listing)
        return {one.day: (one.good, one.bad) for one in read_days(session, facts.id)}


def test_each_of_thirty_days_has_its_own_success(harbor):
    tenant, audited, _ = harbor
    today = datetime.now(UTC).date()
    for outcome, failure, days in (
        ("succeeded", "", 1),
        ("capped", "cap", 1),
        ("failed", "agent", 1),
        ("failed", "input", 2),
        ("succeeded", "", 29),
        ("succeeded", "", 30),
    ):
        ran(tenant, audited, outcome, failure=failure, days=days)
    ran(tenant, audited, "failed", failure="agent", days=3, related=True)
    found = days_of(audited)
    assert list(found) == [today - timedelta(days=number) for number in range(29, -1, -1)]
    assert {day: number for day, number in found.items() if number != (0, 0)} == {
        today - timedelta(days=1): (2, 1),
        today - timedelta(days=29): (1, 0),
    }


def test_days_are_written_again_when_they_have_changed_and_go_when_they_are_old(harbor):
    tenant, audited, weighed = harbor
    ran(tenant, audited, "succeeded")
    with publisher_session() as session:
        old = datetime.now(UTC).date() - timedelta(days=30)
        session.execute(insert(ListingSuccessDay).values(listing_id=audited, day=old, good=1, bad=0))
    days_of(audited)
    ran(tenant, audited, "failed", failure="agent")
    assert max(days_of(audited).values()) == (1, 1)
    assert set(days_of(weighed).values()) == {(0, 0)}
    with public_session() as session:
        assert len(session.execute(select(ListingSuccessDay)).all()) == 1


def test_days_are_those_of_the_creators_own_listings(harbor):
    _, audited, _ = harbor
    stranger = make_tenant()
    with publisher_session() as session:
        session.execute(insert(Publisher).values(tenant_id=stranger, handle="stranger", name="Stranger"))
    ran(stranger, audited, "failed", failure="agent")
    assert set(days_of(audited).values()) == {(0, 0)}


def collections():
    with public_session() as session:
        return {one.key: [card.slug for card in one.listings] for one in catalog.collections(session)}


def test_what_was_run_more_this_week_than_the_week_before_is_trending(harbor):
    tenant, audited, weighed = harbor
    assert "trending" not in collections()
    for days in (1, 2, 6):
        ran(tenant, audited, "succeeded", days=days)
    for days in (9, 13, 15, 20):
        ran(tenant, audited, "succeeded", days=days)
    ran(tenant, audited, "succeeded", days=3, related=True)
    for days in (2, 8, 9):
        ran(tenant, weighed, "succeeded", days=days)
    assert (refreshed(audited).growth_7d, refreshed(weighed).growth_7d) == (1, -1)
    assert collections()["trending"] == ["site-auditor"]
    for days in (3, 4, 5, 6):
        ran(tenant, weighed, "succeeded", days=days)
    assert refreshed(weighed).growth_7d == 3
    assert collections()["trending"] == ["page-weight", "site-auditor"]
    assert "most_used" not in collections()
