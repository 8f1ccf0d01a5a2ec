"""Reviews that a reviewer has taken down, and the way back for one that should not have been (P-05, P-52).

The platform's login sees these reviews alone, and only while they are down.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from agent_platform.core import outbox
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.core.queue import after_commit
from agent_platform.models.catalogue import Listing
from agent_platform.models.reviews import Review
from agent_platform.models.tenancy import Tenant
from agent_platform.models.trust import Suspension, SuspensionKind
from agent_platform.services import audit
from agent_platform.services.catalog._reviewers import require_reviewer
from agent_platform.services.catalog._reviews import WRITTEN
from agent_platform.services.catalog._suspensions import needed

MOST_SHOWN = 100
PUT_BACK = "review.put_back"


@dataclass(frozen=True)
class TakenDownFacts:
    """A review that nobody reads now: what it said of which agent, who wrote it, since when it is down and why."""

    review_id: UUID
    publisher: str
    slug: str
    name: str
    reviewer_label: str
    stars: int
    text: str
    reason: str
    since_at: datetime


def list_taken_down(session: PlatformSession, *, by: UUID) -> list[TakenDownFacts]:
    """The latest first. Raises: NotReviewer."""
    require_reviewer(session, by)
    rows = session.execute(
        select(Review, Suspension, Listing, col(Tenant.name))
        .join(Suspension, col(Suspension.subject_id) == Review.id)
        .join(Listing, col(Listing.id) == Review.listing_id)
        .join(Tenant, col(Tenant.id) == Review.tenant_id)
        .where(col(Suspension.kind) == SuspensionKind.REVIEW.value)
        .order_by(col(Suspension.since_at).desc())
        .limit(MOST_SHOWN)
    )
    return [
        TakenDownFacts(
            review_id=review.id,
            publisher=listing.publisher,
            slug=listing.slug,
            name=listing.name,
            reviewer_label=f"{review.author_name}, {workspace}",
            stars=review.stars,
            text=review.text,
            reason=down.reason,
            since_at=down.since_at,
        )
        for review, down, listing, workspace in rows
    ]


def put_back(session: PlatformSession, *, review_id: UUID, reason: str, by: UUID) -> None:
    """The review may be read and changed again; a job shows it, with its answer, and the agent's rating counts it.

    Raises: NotReviewer, NotFound for one that is not down, Conflict without a reason.
    """
    require_reviewer(session, by)
    said = needed(reason)
    review = session.execute(select(Review).where(col(Review.id) == review_id)).scalar_one_or_none()
    lifted = session.execute(
        delete(Suspension)
        .where(col(Suspension.subject_id) == review_id, col(Suspension.kind) == SuspensionKind.REVIEW.value)
        .returning(col(Suspension.subject_id))
    ).first()
    if review is None or lifted is None:
        raise NotFound("This review is not taken down. Reload the page.")
    tenant_id = review.tenant_id
    after_commit(session, lambda: _show_again(tenant_id, review_id, by, said))


def _show_again(tenant_id: UUID, review_id: UUID, by: UUID, reason: str) -> None:
    """On record where the review was written, as its author was told that it was taken down."""
    with tenant_session(tenant_id) as session:
        audit.record(session, actor=f"user:{by}", action=PUT_BACK, subject=f"review:{review_id}", reason=reason)
        outbox.put(session, WRITTEN, review_id=review_id)
