"""Suspension: a reviewer stops an agent, and lifts that again, or takes a review down, each with words (P-52).

`platform.suspensions` is what every door reads, so the decision holds from its commit on. The catalogue follows by a job
(`sync_suspensions`), which changes what lists and pages show. Nothing is deleted: runs, outputs and reviews stay.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from agent_platform.core import live, outbox
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import Conflict, NotFound
from agent_platform.core.queue import after_commit
from agent_platform.models.catalogue import Listing, ListingState, PublicReview, Release
from agent_platform.models.trust import Suspension, SuspensionKind
from agent_platform.services import audit
from agent_platform.services.catalog._reviewers import require_reviewer
from agent_platform.services.catalog._shelf import AFTER_PUBLISHING, rate_listing

MOST_REASON = 2_000
SUSPENSIONS_KIND = "suspensions.changed"
SUSPEND = text(
    "UPDATE catalogue.listings SET suspended_from = state, state = 'suspended', updated_at = now()"
    " WHERE state NOT IN ('suspended', 'withdrawn') AND id IN (SELECT subject_id FROM platform.suspensions WHERE kind = 'listing')"
)
LIFT = text(
    "UPDATE catalogue.listings SET state = coalesce(suspended_from, 'published'), suspended_from = NULL, updated_at = now()"
    " WHERE state = 'suspended' AND id NOT IN (SELECT subject_id FROM platform.suspensions WHERE kind = 'listing')"
)


@dataclass(frozen=True)
class SuspendedFacts:
    """A suspended agent: what it is called, since when it stands still and why."""

    listing_id: UUID
    publisher: str
    slug: str
    name: str
    reason: str
    since_at: datetime


def suspend(session: PlatformSession, *, listing_id: UUID, reason: str, by: UUID) -> None:
    """From this commit on the agent starts no run for other workspaces, through no door. Its publisher reads why.

    Raises: NotReviewer, NotFound, Conflict for one that is suspended or withdrawn, or without a reason.
    """
    require_reviewer(session, by)
    listing = session.get(Listing, listing_id)
    if listing is None or listing.state == ListingState.WITHDRAWN:
        raise NotFound("This agent is not in the directory.")
    put_suspension(session, subject_id=listing_id, kind=SuspensionKind.LISTING, reason=reason, by=by)
    after_commit(session, lambda: tell_publisher(listing, "listing.suspended", by, reason.strip()))


def lift(session: PlatformSession, *, listing_id: UUID, reason: str, by: UUID) -> None:
    """The agent runs again, in the state it was in before. Raises: NotReviewer, NotFound, Conflict without a reason."""
    require_reviewer(session, by)
    said = needed(reason)
    gone = session.execute(
        delete(Suspension)
        .where(col(Suspension.subject_id) == listing_id, col(Suspension.kind) == SuspensionKind.LISTING.value)
        .returning(col(Suspension.subject_id))
    ).first()
    if gone is None:
        raise NotFound("This agent is not suspended. Reload the page.")
    listing = session.get_one(Listing, listing_id)
    after_commit(session, lambda: tell_publisher(listing, "listing.lifted", by, said))


def put_suspension(session: PlatformSession, *, subject_id: UUID, kind: SuspensionKind, reason: str, by: UUID) -> None:
    """Raises: Conflict when it stands already, or without a reason."""
    made = session.execute(
        insert(Suspension)
        .values(subject_id=subject_id, kind=kind.value, reason=needed(reason), by_user_id=by)
        .on_conflict_do_nothing(index_elements=["subject_id"])
        .returning(col(Suspension.subject_id))
    ).first()
    if made is None:
        raise Conflict("Somebody else has done this already. Reload the page.")


def needed(reason: str) -> str:
    """Raises: Conflict for no words."""
    said = reason.replace("\0", "").strip()[:MOST_REASON]
    if not said:
        raise Conflict("Say why in a sentence; whoever is concerned reads it. Nothing was changed.")
    return said


def tell_publisher(listing: Listing, action: str, by: UUID, reason: str) -> None:
    """The publisher's audit log has the decision, and the catalogue follows by a job."""
    with tenant_session(listing.tenant_id) as session:
        audit.record(session, actor=f"user:{by}", action=action, subject=f"listing:{listing.id}", reason=reason)
        outbox.put(session, SUSPENSIONS_KIND)
        live.publish_after_commit(session, f"builds:{listing.tenant_id}")


def sync_suspensions() -> None:
    """What the catalogue shows agrees with what is suspended. Safe to repeat."""
    with publisher_session() as session:
        session.execute(AFTER_PUBLISHING)
        session.execute(SUSPEND)
        session.execute(LIFT)
        taken_down = select(col(Suspension.subject_id)).where(col(Suspension.kind) == SuspensionKind.REVIEW.value)
        gone = session.execute(
            delete(PublicReview).where(col(PublicReview.id).in_(taken_down)).returning(col(PublicReview.listing_id))
        ).scalars()
        for listing_id in set(gone):
            rate_listing(session, listing_id)
            live.publish_after_commit(session, f"reviews:{listing_id}")


def suspension_of(session: Session, subject_id: UUID) -> Suspension | None:
    return session.get(Suspension, subject_id)


def suspended_releases(session: TenantSession, release_ids: Collection[UUID]) -> set[UUID]:
    """Those of the releases that start no run now."""
    return set(
        session.execute(
            select(col(Release.id))
            .join(Suspension, col(Suspension.subject_id) == Release.listing_id)
            .where(col(Release.id).in_(release_ids))
        ).scalars()
    )


def find_suspended(session: Session, *, publisher: str, slug: str) -> SuspendedFacts | None:
    """None for an agent that is not suspended, or was withdrawn meanwhile."""
    here = (
        col(Listing.state) != ListingState.WITHDRAWN,
        col(Listing.publisher) == publisher.replace("\0", ""),
        col(Listing.slug) == slug.replace("\0", ""),
    )
    found = _suspended(session, *here)
    return found[0] if found else None


def list_suspended(session: PlatformSession, *, by: UUID) -> list[SuspendedFacts]:
    """The latest first. Raises: NotReviewer."""
    require_reviewer(session, by)
    return _suspended(session)


def _suspended(session: Session, *which: object) -> list[SuspendedFacts]:
    rows = session.execute(
        select(Listing, Suspension)
        .join(Suspension, col(Suspension.subject_id) == Listing.id)
        .where(*which)  # pyright: ignore[reportArgumentType]
        .order_by(col(Suspension.since_at).desc())
    )
    return [
        SuspendedFacts(listing.id, listing.publisher, listing.slug, listing.name, found.reason, found.since_at)
        for listing, found in rows
    ]
