"""Facet counts against plain counting over the same listings."""

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session
from agent_platform.services import catalog
from agent_platform.services.catalog import LEVELS, NEEDS, PRICE_MODELS, Filters
from tests.services.catalog.shelf import fill

CATEGORIES = ("data", "engineering", "finance", "operations", "research", "support", "web", "other")
WORDS = ("", "csv", "csv report", "ledger", "nothing-like-it")
PLACES = {"category": "category", "price_model": "price_model", "level": "permission_level", "kind": "kind"}


@pytest.fixture
def shelf(settings):
    catalog.forget_facets()
    catalog.ensure_synonyms()
    return fill()


def counted(**how) -> dict[str, dict[str, int]]:
    with public_session() as session:
        found = catalog.facets(session, **how)
    return {group: {one.key: one.count for one in choices} for group, choices in found.items()}


def test_facets_count_what_each_choice_would_leave(shelf):
    facets = counted()
    assert facets["category"] == {
        "data": 5,
        "engineering": 4,
        "finance": 2,
        "operations": 3,
        "research": 3,
        "support": 1,
        "web": 4,
    }
    assert facets["price_model"] == {"free": 7, "per_event": 6, "per_run": 6, "subscription": 1, "usage": 2}
    assert facets["needs"] == {"no_model": 20, "no_connection": 21, "no_network": 18}
    ticked = counted(filters=Filters(categories=("web",)))
    assert ticked["category"] == facets["category"]
    assert sum(ticked["price_model"].values()) == 4


def test_facets_are_kept_for_a_minute(shelf):
    before = counted()
    with publisher_session() as session:
        session.execute(text("UPDATE catalogue.listings SET state = 'suspended'"))
    assert counted() == before
    catalog.forget_facets()
    assert counted()["category"] == {}


@pytest.fixture
def crowd(settings) -> list[dict]:
    """Two hundred agents whose features are drawn by lot, and their rows as plain values."""
    catalog.forget_facets()
    dice = random.Random(4)
    rows = {f"drawn_{number}": _drawn(dice) for number in range(200)}
    fill(**rows)
    with publisher_session() as session:
        session.execute(text("DELETE FROM catalogue.listings WHERE slug NOT LIKE 'drawn%'"))
        return [dict(row) for row in session.execute(text("SELECT * FROM catalogue.listings")).mappings()]


def _drawn(dice: random.Random) -> dict:
    return {
        "name": dice.choice(("CSV Merger", "Report Writer", "CSV Report", "Ledger")),
        "category": dice.choice(CATEGORIES),
        "price_model": dice.choice(PRICE_MODELS),
        "permission_level": dice.choice(LEVELS),
        "kind": dice.choice(("job", "job", "chat")),
        "is_verified": dice.random() < 0.4,
        "state": dice.choice(("published", "published", "maintenance", "suspended")),
        "visibility": dice.choice(("public", "public", "unlisted")),
        "success_30d": dice.choice((None, 0.9, 0.97, 0.995)),
        "rating": dice.choice((None, 3.5, 4.6)),
        "cost_p50_micro_usd": dice.choice((None, 500, 50_000)),
        **{f"needs_{what}": dice.random() < 0.5 for what in ("network", "connection", "model")},
    }


def some(values):
    return st.lists(st.sampled_from(values), unique=True, max_size=3).map(tuple)


def ticks() -> st.SearchStrategy[Filters]:
    return st.builds(
        Filters,
        categories=some(CATEGORIES),
        price_models=some(PRICE_MODELS),
        needs=some(tuple(NEEDS)),
        levels=some(LEVELS),
        kind=st.sampled_from((None, "job", "chat")),
        verified=st.booleans(),
        max_cost_micro_usd=st.sampled_from((None, 1_000)),
        success=st.sampled_from((None, 0.95)),
        rating=st.sampled_from((None, 4.0)),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=ticks(), q=st.sampled_from(WORDS))
def test_every_count_is_what_ticking_it_would_leave(crowd, filters, q):
    assert counted(q=q, filters=filters) == plainly_counted(crowd, q, filters)
    with public_session() as session:
        page = catalog.search(session, q=q, filters=filters)
    assert page.is_guess or page.total == sum(fits(row, q, filters, "") for row in crowd)


def plainly_counted(crowd: list[dict], q: str, filters: Filters) -> dict[str, dict[str, int]]:
    groups = {
        group: dict(Counter(row[column] for row in crowd if fits(row, q, filters, group)))
        for group, column in PLACES.items()
    }
    groups["needs"] = {
        need: sum(fits(row, q, filters, need) and not row[need.replace("no_", "needs_")] for row in crowd)
        for need in NEEDS
    }
    groups["verified"] = {"verified": sum(fits(row, q, filters, "verified") and row["is_verified"] for row in crowd)}
    return groups


def fits(row: dict, q: str, filters: Filters, without: str) -> bool:
    """Whether the directory would show this row, were nothing ticked in the group `without`."""
    cost, free = row["cost_p50_micro_usd"], row["price_model"] == "free"
    checks = {
        "shown": row["state"] in {"published", "maintenance"} and row["visibility"] == "public",
        "words": not q or any(word in row["name"].lower() for word in q.split()),
        "category": not filters.categories or row["category"] in filters.categories,
        "price_model": not filters.price_models or row["price_model"] in filters.price_models,
        "level": not filters.levels or row["permission_level"] in filters.levels,
        "kind": filters.kind is None or row["kind"] == filters.kind,
        "verified": not filters.verified or row["is_verified"],
        **{need: need not in filters.needs or not row[need.replace("no_", "needs_")] for need in NEEDS},
        "cost": filters.max_cost_micro_usd is None or (free if cost is None else cost <= filters.max_cost_micro_usd),
        "success": filters.success is None or (row["success_30d"] or 0) >= filters.success,
        "rating": filters.rating is None or (row["rating"] or 0) >= filters.rating,
    }
    return all(holds for name, holds in checks.items() if name != without)
