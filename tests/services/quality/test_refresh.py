"""Scores are computed from what really happened, and everybody reads the same."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.models.catalogue import DayOfTests, PublicReview, Release
from agent_platform.models.tenancy import Membership
from agent_platform.services import catalog, quality
from tests.factories import make_user
from tests.services.catalog.test_reviews import Shop
from tests.services.runs.conftest import item, result
from workers.jobs import HANDLERS


@pytest.fixture
def shop(settings):
    return Shop("per_event")


def refreshed(shop):
    with acting_as("worker"):
        quality.refresh_quality()
    with public_session() as session:
        return quality.find_quality(session, listing_id=shop.listing_id)


def check(found, title):
    return next(one.points for factor in found.factors for one in factor.checks if one.title == title)


def settle(shop):
    """The creator's workspace hears of the runs that ended."""
    with acting_as("worker"), tenant_session(shop.consumer) as session:
        waiting = session.execute(text("SELECT payload FROM app.outbox WHERE kind = 'run.settled'")).scalars().all()
    for payload in waiting:
        with acting_as("worker"):
            HANDLERS["run.settled"](shop.consumer, payload)


def told(shop):
    with acting_as("worker"), tenant_session(shop.publisher) as session:
        return session.execute(
            text("SELECT outcome, output_invalid, within_quote, is_related FROM app.creator_runs ORDER BY finished_at")
        ).all()


def broken_run(shop, key):
    run = shop.running(key=key)
    shop.speak(run, {"seq": 1, "type": "items", "items": [{"wrong": 1}], "event": "page", "keys": None}, result(2))
    shop.end(run)


def good_run(shop, key):
    run = shop.running(key=key)
    shop.speak(run, item(1, 1), result(2))
    shop.end(run)


def test_the_listing_and_its_breakdown_have_the_same_score(shop):
    found = refreshed(shop)
    assert found.score == shop.listing.quality == round(sum(factor.points for factor in found.factors))
    assert [factor.key for factor in found.factors] == [rule.key for rule in quality.FACTORS]
    assert (found.next_action, found.next_points) == (
        "Give every input field a title and a description.",
        5.0,
    )


def test_output_that_does_not_fit_lowers_the_share_of_valid_ones(shop):
    for number in range(3):
        good_run(shop, f"good {number}")
    broken_run(shop, "broken")
    settle(shop)
    assert [row.output_invalid for row in told(shop)] == [False, False, False, True]
    assert check(refreshed(shop), "Outputs that fit the schema") == pytest.approx(6 * 3 / 4)


def test_runs_are_held_to_the_p90_that_their_quote_named(shop):
    good_run(shop, "before")
    with publisher_session() as session:
        session.execute(
            text("UPDATE catalogue.listings SET runs_30d = 20, cost_p50_micro_usd = 1000, cost_p90_micro_usd = 3000")
        )
    good_run(shop, "within")
    dear = shop.running(key="beyond")
    shop.speak(dear, item(1, 2), result(2))
    shop.end(dear)
    settle(shop)
    assert [row.within_quote for row in told(shop)] == [None, True, False]
    assert check(refreshed(shop), "Runs within the quoted p90") == pytest.approx(4 * 0.5 / 0.9)


def test_runs_between_workspaces_of_one_owner_count_nowhere(shop):
    owner = make_user("Ines Duarte")
    for tenant in (shop.consumer, shop.publisher):
        with tenant_session(tenant) as session:
            session.add(Membership(tenant_id=tenant, user_id=owner, role="owner", display_name="Ines"))
    good_run(shop, "own")
    settle(shop)
    assert [row.is_related for row in told(shop)] == [True]
    with acting_as("worker"):
        catalog.refresh_figures()
    assert shop.listing.runs_30d == 0
    assert check(refreshed(shop), "Outputs that fit the schema") == 0


def test_days_of_tests_and_waiting_reviews_are_counted(shop):
    now = datetime.now(UTC)
    days = [
        {"listing_id": shop.listing_id, "day": now.date() - timedelta(days=back), "version": "1.0.0", "tests": 2, "failed": failed, "note": "", "state": state}
        for back, failed, state in ((1, 0, "published"), (2, 1, "maintenance"), (40, 2, "published"))
    ]  # fmt: skip
    with publisher_session() as session:
        release = session.execute(select(Release)).scalar_one()
        session.execute(insert(DayOfTests), days)
        review = {
            "listing_id": shop.listing_id,
            "release_id": release.id,
            "version": "1.0.0",
            "stars": 5,
            "text": "x",
            "reviewer_label": "x",
            "reply": "",
        }
        session.execute(insert(PublicReview).values(written_at=now - timedelta(days=3), **review))
    found = refreshed(shop)
    assert check(found, "Daily tests passed, while fewer than 20 runs count") == 12 * 3 / 4
    assert check(found, "No day in maintenance") == 0
    assert check(found, "Replies to reviews") == 1


def test_price_rises_are_counted_over_releases(shop):
    with publisher_session() as session:
        first = session.execute(select(Release)).scalar_one()
        for number, price in (("1.1.0", "0.003"), ("1.2.0", "0.001"), ("1.3.0", "0.002")):
            manifest = {**first.manifest, "version": number}
            manifest["pricing"] = {
                **manifest["pricing"],
                "events": {"page": {"title": "Page", "price": price, "primary": True}},
            }
            session.add(
                Release(
                    tenant_id=shop.publisher,
                    listing_id=shop.listing_id,
                    number=number,
                    manifest=manifest,
                    digest=first.digest,
                    published_at=datetime.now(UTC) + timedelta(seconds=int(number[2])),
                )
            )
    assert check(refreshed(shop), "At most one price rise in 180 days") == 0
