"""Figures of the directory, computed from runs that really were (P-06): read as each creator's tenant, written as the publisher."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlmodel import col

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import TenantSession, public_session, tenant_session
from agent_platform.models.catalogue import SHOWN, Listing, Publisher
from agent_platform.services import analytics
from agent_platform.services.catalog._days import DAYS, write_days
from agent_platform.services.catalog._suspensions import sync_suspensions

WEEK = 7
FIGURES = text(f"""
    SELECT listing_id, count(*) AS runs, count(DISTINCT consumer_ref) AS users,
        count(*) FILTER (WHERE {analytics.GOOD}) AS good,
        count(*) FILTER (WHERE {analytics.BAD}) AS bad,
        count(*) FILTER (WHERE finished_at > now() - make_interval(days => :week))
            - count(*) FILTER (WHERE finished_at <= now() - make_interval(days => :week)
                AND finished_at > now() - make_interval(days => 2 * :week)) AS growth,
        percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE {analytics.GOOD}) AS ms,
        percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY price_micro_usd) FILTER (WHERE {analytics.GOOD}) AS cost
    FROM app.creator_runs
    WHERE tenant_id = :tenant AND NOT is_related AND finished_at > now() - make_interval(days => :days)
    GROUP BY listing_id
""")
DAILY = text(f"""
    SELECT listing_id, (finished_at AT TIME ZONE 'UTC')::date AS day,
        count(*) FILTER (WHERE {analytics.GOOD}) AS good, count(*) FILTER (WHERE {analytics.BAD}) AS bad
    FROM app.creator_runs
    WHERE tenant_id = :tenant AND NOT is_related AND ({analytics.GOOD} OR {analytics.BAD})
        AND finished_at >= ((now() AT TIME ZONE 'UTC')::date - :days + 1) AT TIME ZONE 'UTC'
    GROUP BY listing_id, day
""")
USERS = text(f"""
    SELECT count(DISTINCT consumer_ref) FROM app.creator_runs
    WHERE tenant_id = :tenant AND NOT is_related AND finished_at > now() - make_interval(days => :days)
        AND listing_id IN (SELECT id FROM catalogue.listings WHERE tenant_id = :tenant AND {SHOWN})
""")


def refresh_figures() -> int:
    """Every listing shows the last 30 days; how many were written. A run of the creator's own workspace never counts."""
    sync_suspensions()
    with public_session() as session:
        tenants = list(
            session.execute(
                select(col(Publisher.tenant_id))
                .where(col(Publisher.is_synthetic).is_(False))
                .order_by(col(Publisher.tenant_id))
            ).scalars()
        )
    return sum(_refresh(tenant_id) for tenant_id in tenants)


def _refresh(tenant_id: UUID) -> int:
    with tenant_session(tenant_id) as session:
        figures = _figures(session)
        users = session.execute(USERS, {"tenant": tenant_id, "days": DAYS}).scalar_one()
        daily = session.execute(DAILY, {"tenant": tenant_id, "days": DAYS}).all()
    with publisher_session() as session:
        session.execute(
            update(Publisher)
            .where(col(Publisher.tenant_id) == tenant_id)
            .values(users_30d=users)
            .execution_options(synchronize_session=False)
        )
        listings = session.execute(select(col(Listing.id)).where(col(Listing.tenant_id) == tenant_id)).scalars().all()
        for listing_id in listings:
            session.execute(
                update(Listing)
                .where(col(Listing.id) == listing_id)
                .values(**figures.get(listing_id, NOTHING))
                .execution_options(synchronize_session=False)
            )
        write_days(session, listings, daily)
    return len(listings)


def _figures(session: TenantSession) -> dict[UUID, dict[str, Any]]:
    rows = session.execute(FIGURES, {"tenant": session.tenant_id, "days": DAYS, "week": WEEK})
    return {row.listing_id: _columns(row) for row in rows}


def _columns(row: Any) -> dict[str, Any]:
    median, p95 = row.ms or (None, None)
    p50, p90 = row.cost or (None, None)
    return {
        "runs_30d": row.runs,
        "users_30d": row.users,
        "growth_7d": row.growth,
        "judged_30d": row.good + row.bad,
        "success_30d": analytics.success_share(row.good, row.bad),
        "median_ms": _whole(median),
        "p95_ms": _whole(p95),
        "cost_p50_micro_usd": _whole(p50),
        "cost_p90_micro_usd": _whole(p90),
    }


def _whole(number: float | None) -> int | None:
    return None if number is None else min(round(number), 2**31 - 1)


NOTHING: dict[str, Any] = {
    "runs_30d": 0,
    "users_30d": 0,
    "growth_7d": 0,
    "judged_30d": 0,
    "success_30d": None,
    "median_ms": None,
    "p95_ms": None,
    "cost_p50_micro_usd": None,
    "cost_p90_micro_usd": None,
}
