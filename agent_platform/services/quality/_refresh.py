"""Scores are computed anew: read as each creator's tenant, written as the publisher. Beat asks hourly."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.models.catalogue import Listing, ListingQuality, ListingState, Publisher
from agent_platform.services.quality._evidence import Check, Factor
from agent_platform.services.quality._formula import Quality, quality_of
from agent_platform.services.quality._gather import evidence_of, runs_of
from agent_platform.services.quality._seen import seen_in_tests

SCORED = (ListingState.PUBLISHED, ListingState.MAINTENANCE, ListingState.DEPRECATED)


@dataclass(frozen=True)
class StoredQuality:
    """The score of a listing as it was last computed."""

    score: int
    factors: tuple[Factor, ...]
    next_action: str
    next_points: float
    computed_at: datetime


def refresh_quality() -> int:
    """Every listing has the score of this moment; how many were written."""
    with public_session() as session:
        real = select(col(Publisher.tenant_id)).where(col(Publisher.is_synthetic).is_(False))
        tenants = list(session.execute(real.order_by(col(Publisher.tenant_id))).scalars())
    seen = seen_in_tests()
    return sum(_refresh(tenant_id, seen) for tenant_id in tenants)


def find_quality(session: Session, *, listing_id: UUID) -> StoredQuality | None:
    """None until the first computation after publication."""
    row = session.get(ListingQuality, listing_id)
    if row is None:
        return None
    factors = tuple(
        Factor(one["key"], one["title"], one["most"], tuple(Check(*check) for check in one["checks"]))
        for one in row.factors["factors"]
    )
    return StoredQuality(row.score, factors, row.next_action, row.next_points, row.computed_at)


def _refresh(tenant_id: UUID, seen: dict[UUID, Any]) -> int:
    now = datetime.now(UTC)
    with tenant_session(tenant_id) as session:
        runs = runs_of(session)
        mine = col(Listing.tenant_id) == tenant_id
        listings = session.execute(
            select(Listing).where(mine, col(Listing.state).in_([state.value for state in SCORED]))
        ).scalars()
        found = {
            one.id: quality_of(evidence_of(session, one, runs.get(one.id), seen.get(one.id), now)) for one in listings
        }
    with publisher_session() as session:
        for listing_id, quality in found.items():
            _write(session, listing_id, quality)
    return len(found)


def _write(session: Session, listing_id: UUID, quality: Quality) -> None:
    best = quality.next_best
    columns = {
        "score": quality.score,
        "factors": {"factors": [_factor(one) for one in quality.factors]},
        "next_action": best.advice if best else "",
        "next_points": best.most - best.points if best else 0.0,
        "computed_at": datetime.now(UTC),
    }
    session.execute(
        insert(ListingQuality)
        .values(listing_id=listing_id, **columns)
        .on_conflict_do_update(index_elements=["listing_id"], set_=columns)
    )
    session.execute(
        update(Listing)
        .where(col(Listing.id) == listing_id)
        .values(quality=quality.score)
        .execution_options(synchronize_session=False)
    )


def _factor(one: Factor) -> dict[str, Any]:
    checks = [[check.title, check.points, check.most, check.advice, check.note] for check in one.checks]
    return {"key": one.key, "title": one.title, "most": one.most, "checks": checks}
