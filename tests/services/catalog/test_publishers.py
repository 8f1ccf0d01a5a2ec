"""A publisher's public face is exactly what the directory shows of it."""

import pytest
from sqlalchemy import insert

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.platform import platform_session
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import new_id
from agent_platform.models.catalogue import Publisher
from agent_platform.services import catalog
from tests.factories import make_reviewer, make_tenant
from tests.services.catalog.shelf import FIRST_AT, fill
from tests.services.catalog.test_figures import ran


def facts_of(handle="harbor") -> catalog.PublisherFacts:
    with public_session() as session:
        return catalog.get_publisher(session, handle=handle)


def slugs_of(handle="harbor", cursor=None) -> list[str]:
    with public_session() as session:
        return [one.slug for one in catalog.agents_of_publisher(session, handle=handle, cursor=cursor).listings]


def suspend(listing_id) -> None:
    with platform_session() as session:
        catalog.suspend(session, listing_id=listing_id, reason="It mines coins.", by=make_reviewer())


def test_totals_are_those_of_its_public_agents(settings):
    hidden = {"visibility": "unlisted", "runs_30d": 9_999}
    gone = {"state": "suspended", "runs_30d": 9_999}
    fill(by_link=hidden, is_gone=gone)
    facts = facts_of()
    assert (facts.name, facts.agents, facts.since_at) == ("Harbor", 22, FIRST_AT)
    with public_session() as session:
        shown = catalog.search(session, size=24).listings
    assert facts.runs_30d == sum(one.runs_30d for one in shown)
    assert {"by-link", "is-gone"} & set(slugs_of()) == set()


def test_the_mean_rating_is_that_of_all_reviews_and_not_of_agents(settings):
    fill(
        data_profiler={"rating": 5.0, "rating_count": 9},
        pii_redactor={"rating": 3.0, "rating_count": 1},
        log_triage={"rating": None, "rating_count": 0},
    )
    facts = facts_of()
    assert (round(facts.rating or 0, 6), facts.ratings) == (4.8, 10)


def test_a_publisher_without_reviews_has_no_rating(settings):
    fill()
    assert (facts_of().rating, facts_of().ratings) == (None, 0)


def test_a_workspace_that_uses_two_agents_is_one_user(settings):
    tenant = make_tenant("harbor-of-two")
    mine = {"tenant_id": tenant, "publisher": "harbor-of-two"}
    ids = fill(site_auditor=mine, page_weight=mine, log_triage={**mine, "visibility": "unlisted"})
    with publisher_session() as session:
        session.execute(insert(Publisher).values(tenant_id=tenant, handle="harbor-of-two", name="Two"))
    for slug, consumer in (("site-auditor", "a"), ("page-weight", "a"), ("page-weight", "b"), ("log-triage", "c")):
        ran(tenant, ids[slug], "succeeded", consumer=consumer)
    with acting_as("worker"):
        catalog.refresh_figures()
    assert (facts_of("harbor-of-two").users_30d, facts_of("harbor-of-two").runs_30d) == (2, 3)


def test_a_suspended_agent_vanishes_with_the_decision(settings):
    ids = fill()
    suspend(ids["data-profiler"])
    assert "data-profiler" not in slugs_of()
    assert facts_of().agents == 21


def test_a_publisher_whose_last_agent_was_suspended_is_gone(settings):
    only = {"tenant_id": new_id(), "publisher": "mica-tools"}
    with publisher_session() as session:
        session.execute(insert(Publisher).values(tenant_id=only["tenant_id"], handle="mica-tools", name="Mica Tools"))
    ids = fill(log_triage=only)
    assert facts_of("mica-tools").agents == 1
    suspend(ids["log-triage"])
    with public_session() as session:
        assert not catalog.find_publisher(session, handle="mica-tools")
        assert "mica-tools" not in [one.handle for one in catalog.list_publishers(session, skip=0, most=9)]
    with pytest.raises(NotFound):
        facts_of("mica-tools")


@pytest.mark.parametrize("handle", ["nobody", "", "har%", "harbor\0", "' OR 1=1 --", "HARBOR"])
def test_whoever_has_no_public_agent_is_no_publisher(settings, handle):
    fill()
    if handle != "harbor\0":
        with pytest.raises(NotFound):
            facts_of(handle)
    else:
        assert facts_of(handle).handle == "harbor"  # what no database can hold is left out, as in searches


def test_its_agents_come_in_pages(settings):
    fill(**{f"more_{number}": {} for number in range(10)})
    with public_session() as session:
        first = catalog.agents_of_publisher(session, handle="harbor")
    assert first.next_cursor
    rest = slugs_of(cursor=first.next_cursor)
    assert (len(first.listings), len(rest)) == (24, 8)
    assert not {one.slug for one in first.listings} & set(rest)
