"""What the score of a listing is made of: figures that its creator's workspace knows, and what is public anyway."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import Session, col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.catalogue import DayOfTests, Listing, PublicReview, Release, ReleaseState
from agent_platform.services import analytics, catalog, examples
from agent_platform.services.quality._evidence import Evidence

DAYS, MAINTENANCE_DAYS, PRICE_DAYS = 30, 90, 180
RESTING = frozenset({"maintenance", "deprecated"})
RUNS = text(
    f"SELECT listing_id, count(*) FILTER (WHERE {analytics.GOOD}) AS good, count(*) FILTER (WHERE {analytics.BAD}) AS bad,"
    " count(*) FILTER (WHERE output_invalid) AS invalid,"
    " count(within_quote) AS quoted, count(*) FILTER (WHERE within_quote) AS within"
    " FROM app.creator_runs WHERE tenant_id = :tenant AND NOT is_related AND finished_at > now() - make_interval(days => :days)"
    " GROUP BY listing_id"
)


def runs_of(session: TenantSession) -> dict[UUID, Any]:
    """By listing, what happened to runs of others in 30 days."""
    return {row.listing_id: row for row in session.execute(RUNS, {"tenant": session.tenant_id, "days": DAYS})}


def evidence_of(session: Session, listing: Listing, runs: Any | None, tests: Any | None, now: datetime) -> Evidence:
    """`runs` is the listing's row of `runs_of`, `tests` what test runs showed of it; None while there is none."""
    release = session.get_one(Release, listing.release_id)
    days = _test_days(session, listing.id)
    recent = [day for day in days if now.date() - day.day < timedelta(days=DAYS)]
    good, bad = (runs.good, runs.bad) if runs else (0, 0)
    invalid = runs.invalid if runs else 0
    return Evidence(
        manifest=catalog.manifest_of(release.manifest),
        readme=release.readme,
        changelog=release.changelog,
        good=good,
        bad=bad,
        tests_share=_share(sum(day.tests - day.failed for day in recent), sum(day.tests for day in recent)),
        valid_share=_share(good, good + invalid),
        within_quote_share=_share(runs.within, runs.quoted) if runs else None,
        hosts_used=frozenset(tests.hosts) if tests else None,
        asks_people=bool(tests and tests.asks_people),
        version_days=(now - release.published_at).days,
        maintenance_days=sum(day.state in RESTING for day in days),
        reply_hours=_reply_hours(session, listing.id, now),
        price_rises=_price_rises(session, listing.id, now),
        examples=examples.count_examples(session, listing_id=listing.id),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _test_days(session: Session, listing_id: UUID) -> list[DayOfTests]:
    return list(
        session.execute(
            select(DayOfTests)
            .where(col(DayOfTests.listing_id) == listing_id)
            .order_by(col(DayOfTests.day).desc())
            .limit(MAINTENANCE_DAYS)
        ).scalars()
    )


def _reply_hours(session: Session, listing_id: UUID, now: datetime) -> float | None:
    """The median of all answers, those that are still awaited counted until now; None while nobody waits."""
    rows = session.execute(
        select(col(PublicReview.written_at), col(PublicReview.replied_at)).where(
            col(PublicReview.listing_id) == listing_id
        )
    ).all()
    if all(replied for _, replied in rows):
        return None
    return median(((replied or now) - written).total_seconds() / 3_600 for written, replied in rows)


def _price_rises(session: Session, listing_id: UUID, now: datetime) -> int:
    """How often a release of the last 180 days cost more than the one before it."""
    rows = session.execute(
        select(Release)
        .where(col(Release.listing_id) == listing_id, col(Release.state) != ReleaseState.YANKED.value)
        .order_by(col(Release.published_at), col(Release.id))
    ).scalars()
    rises, before = 0, None
    for release in rows:
        price = catalog.manifest_of(release.manifest).price
        recent = now - release.published_at < timedelta(days=PRICE_DAYS)
        rises += bool(before is not None and recent and _costs_more(before, price))
        before = price
    return rises


def _costs_more(before: dict[str, Any], now: dict[str, Any]) -> bool:
    was = {name: event["price_micro_usd"] for name, event in before.get("events", {}).items()}
    dearer = any(event["price_micro_usd"] > was.get(name, 0) for name, event in now.get("events", {}).items())
    return dearer or now.get("monthly_micro_usd", 0) > before.get("monthly_micro_usd", 0)
