"""Reviews as everybody reads them: written by a job, read by anybody. No row here says which tenant it came from."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from agent_platform.core import live
from agent_platform.core.db.publisher import PublisherSession, publisher_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.catalogue import Listing, PublicReview
from agent_platform.models.reviews import Review, ReviewReply
from agent_platform.models.tenancy import Tenant
from agent_platform.models.trust import Suspension
from agent_platform.services.catalog._shelf import BEFORE_SUSPENDING, lock_listing, rate_listing

FIRST_SHOWN = 20
MOST_SHOWN = 500


@dataclass(frozen=True)
class ReviewFacts:
    """`by` is the author and the workspace in one line; `reply` is empty until the publisher has answered."""

    id: UUID
    version: str
    stars: int
    text: str
    reviewer_label: str
    written_at: datetime
    edited_at: datetime | None
    reply: str
    replied_at: datetime | None

    @classmethod
    def of(cls, review: PublicReview) -> "ReviewFacts":
        return cls(**{one.name: getattr(review, one.name) for one in fields(cls)})


@dataclass(frozen=True)
class ReviewList:
    """The newest first; `counts` has every number of stars, five first, with how many gave it."""

    reviews: list[ReviewFacts]
    counts: dict[int, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def average(self) -> float | None:
        return sum(stars * number for stars, number in self.counts.items()) / self.total if self.total else None


@dataclass(frozen=True)
class ReplyFacts:
    """How soon the publisher answers: the median of the `answered` ones among all `reviews`."""

    seconds: int
    answered: int
    reviews: int


def reply_time(session: Session, *, listing_id: UUID) -> ReplyFacts | None:
    """None while no review was answered."""
    waited = func.extract("epoch", col(PublicReview.replied_at) - col(PublicReview.written_at))
    row = session.execute(
        select(
            func.percentile_cont(0.5).within_group(waited.asc()).filter(col(PublicReview.replied_at).is_not(None)),
            func.count(col(PublicReview.replied_at)),
            func.count(),
        ).where(col(PublicReview.listing_id) == listing_id)
    ).one()
    return ReplyFacts(max(0, round(row[0])), row[1], row[2]) if row[1] else None


def list_reviews(session: Session, *, listing_id: UUID, limit: int = FIRST_SHOWN) -> ReviewList:
    """What anybody may read about this agent."""
    of_listing = col(PublicReview.listing_id) == listing_id
    newest = [col(PublicReview.written_at).desc(), col(PublicReview.id).desc()]
    rows = session.execute(
        select(PublicReview).where(of_listing).order_by(*newest).limit(max(1, min(limit, MOST_SHOWN)))
    ).scalars()
    found = session.execute(
        select(col(PublicReview.stars), func.count()).where(of_listing).group_by(col(PublicReview.stars))
    )
    counted: dict[int, int] = {row[0]: row[1] for row in found}
    return ReviewList(
        [ReviewFacts.of(row) for row in rows], {stars: counted.get(stars, 0) for stars in range(5, 0, -1)}
    )


def publish_review(*, tenant_id: UUID, review_id: UUID) -> None:
    """The catalogue shows the review as it stands now, unless it was taken down, and the listing's mean follows. Safe to repeat.

    One that was not there, or not any more, comes with what its publisher has answered.
    """
    with tenant_session(tenant_id) as session:
        written = session.get(Review, (tenant_id, review_id))
    if written is None:  # deleted meanwhile
        return
    with publisher_session() as session:
        lock_listing(session, written.listing_id)
        session.execute(BEFORE_SUSPENDING)
        found = _written(tenant_id, review_id)
        if found is None or session.get(Suspension, review_id) is not None:
            return
        review, shown = found
        session.execute(
            insert(PublicReview)
            .values(id=review_id, listing_id=review.listing_id, **_answer(session, review), **shown)
            .on_conflict_do_update(index_elements=["id"], set_=shown)
        )
        rate_listing(session, review.listing_id)
        live.publish_after_commit(session, f"reviews:{review.listing_id}")


def unpublish_review(*, tenant_id: UUID, review_id: UUID, listing_id: UUID) -> None:
    """The catalogue shows the review no more, if it was deleted where it was written, and the listing's mean follows. Safe to repeat."""
    with publisher_session() as session:
        lock_listing(session, listing_id)
        if _written(tenant_id, review_id) is not None:
            return
        here = (col(PublicReview.id) == review_id, col(PublicReview.listing_id) == listing_id)
        session.execute(delete(PublicReview).where(*here))
        rate_listing(session, listing_id)
        live.publish_after_commit(session, f"reviews:{listing_id}")


def _written(tenant_id: UUID, review_id: UUID) -> tuple[Review, dict[str, object]] | None:
    """The review, and what everybody may read of it, as it stands now; None for one that was deleted."""
    with tenant_session(tenant_id) as session:
        review = session.get(Review, (tenant_id, review_id))
        if review is None:
            return None
        workspace = session.get_one(Tenant, tenant_id).name
    return review, {
        "release_id": review.release_id,
        "version": review.version,
        "stars": review.stars,
        "text": review.text,
        "reviewer_label": f"{review.author_name}, {workspace}",
        "written_at": review.created_at,
        "edited_at": review.edited_at,
    }


def _answer(session: PublisherSession, review: Review) -> dict[str, object]:
    """The publisher's reply lies in its own workspace; the first answer says how long the reviewer waited."""
    listing = session.get_one(Listing, review.listing_id)
    with tenant_session(listing.tenant_id) as theirs:
        reply = theirs.get(ReviewReply, (listing.tenant_id, review.id))
    return {"reply": reply.text, "replied_at": reply.created_at} if reply else {"reply": ""}


def publish_reply(*, tenant_id: UUID, review_id: UUID) -> None:
    """The publisher's answer, as it stands now, is beneath the review, if that is still there. Safe to repeat.

    A review that is being published has either read this answer already or is waited for, so that it is there.
    """
    with tenant_session(tenant_id) as session:
        listing_id = session.get_one(ReviewReply, (tenant_id, review_id)).listing_id
    with publisher_session() as session:
        lock_listing(session, listing_id)
        with tenant_session(tenant_id) as theirs:
            reply = theirs.get_one(ReviewReply, (tenant_id, review_id))
        session.execute(
            update(PublicReview)
            .where(
                col(PublicReview.id) == review_id,
                col(PublicReview.listing_id).in_(
                    select(col(Listing.id)).where(col(Listing.id) == listing_id, col(Listing.tenant_id) == tenant_id)
                ),
            )
            .values(
                reply=reply.text, replied_at=func.coalesce(col(PublicReview.replied_at), reply.updated_at)
            )  # the first answer says how long the reviewer waited
        )
        live.publish_after_commit(session, f"reviews:{listing_id}")
