"""Reviews: a workspace that has run an agent says what it is worth, and its publisher answers (P-05).

Both lie behind the fence of whoever wrote them; a job copies them to the catalogue (`_review_shelf`).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core import outbox, rate
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict, InputInvalid, NotFound
from agent_platform.core.ids import new_id
from agent_platform.core.policy import LADDER, Caller
from agent_platform.models.catalogue import Listing, PublicReview
from agent_platform.models.reviews import Review, ReviewReply
from agent_platform.services import analytics, audit, tenancy
from agent_platform.services.catalog._installations import installation_of
from agent_platform.services.catalog._suspensions import suspension_of
from agent_platform.services.catalog.errors import ReviewOvertaken, ReviewRefused

MOST_TEXT = 4_000
MOST_STARS = 5
HOW_OFTEN = "20/hour; 60/day"
WRITTEN, DELETED, REPLIED = "review.written", "review.deleted", "review.replied"
NOT_YET = "Reviews come from workspaces that have run the agent. Finish a run of it first; one that failed by our fault, was for input that did not fit, or was refunded does not count."
MEMBER = "You are a member of the workspace that publishes this agent, so your review would not count. Somebody else of this workspace may write it."
RELATED = "An owner of this workspace is a member of the one that publishes this agent, so its reviews do not count."
# The newest run here that says something about the agent, and whose money was not given back.
COUNTING = text(
    "SELECT id, release_id, version FROM (SELECT r.id, r.release_id, r.version, r.finished_at, r.state AS outcome, r.failure_class"
    " FROM app.runs r JOIN catalogue.releases p ON p.id = r.release_id"
    " WHERE r.tenant_id = :tenant AND p.listing_id = :listing AND r.finished_at IS NOT NULL AND NOT r.is_dry_run"
    " AND r.origin NOT IN ('test', 'demo') AND NOT EXISTS (SELECT FROM app.run_charges c WHERE c.tenant_id = r.tenant_id"
    " AND c.run_id = r.id HAVING sum(c.voided_micro_usd) = sum(c.amount_micro_usd))) run"
    f" WHERE {analytics.GOOD} OR {analytics.BAD} ORDER BY finished_at DESC LIMIT 1"
)


@dataclass(frozen=True)
class Standing:
    """What this person may say about the agent here. `why_not` is the reason where they may not write; the rest is what stands."""

    may_write: bool
    may_reply: bool
    why_not: str = ""
    review_id: UUID | None = None
    stars: int = 0
    text: str = ""
    hidden_note: str = ""
    may_delete: bool = False


def standing(session: TenantSession, *, listing_id: UUID, caller: Caller) -> Standing:
    """Raises: NotFound for no listing."""
    listing = _listing(session, listing_id)
    if listing.tenant_id == session.tenant_id:
        return Standing(may_write=False, may_reply=_may_reply(caller), why_not="Your workspace publishes this agent.")
    review = _review(session, listing_id)
    refusal = _refusal(session, listing, review, caller)
    if review is None:
        return Standing(may_write=not refusal, may_reply=False, why_not=refusal)
    taken_down = suspension_of(session, review.id)
    note = taken_down.reason if taken_down else ""
    may_delete = not _not_theirs(session, review, caller)
    return Standing(not refusal, False, refusal, review.id, review.stars, review.text, note, may_delete)


def write_review(
    session: TenantSession, *, listing_id: UUID, stars: int, text: str, caller: Caller, changes: UUID | None = None
) -> UUID:
    """The workspace's one review of the agent says this, and the directory within seconds.

    `changes` is the review that the person had before them, None if there was none: another's words are replaced only by whoever
    has read that they are there. Raises: ReviewOvertaken, ReviewRefused, InputInvalid, RateLimited.
    """
    listing, said = _listing(session, listing_id), _checked(text)
    if not isinstance(stars, int) or not 1 <= stars <= MOST_STARS:
        raise InputInvalid(f"Choose one to {MOST_STARS} stars. Nothing was saved.")
    review = _review(session, listing_id, lock=True)
    if refusal := _refusal(session, listing, review, caller):
        raise ReviewRefused(refusal)
    _refuse_unread(review, changes, caller)
    _limit(caller)
    run = _counting_run(session, listing_id)
    author = {"author_user_id": caller.user_id, "author_name": caller.user_name, "stars": stars, "text": said}
    facts = {"release_id": run.release_id, "run_id": run.id, "version": run.version, **author}
    review_id = _change(session, review, facts) if review else _insert(session, listing_id, facts)
    if review_id is None:  # a colleague's first review was committed while this one waited for it
        _refuse_unread(_review(session, listing_id), changes, caller)
        raise Conflict("You have sent this twice. The first one is saved; reload the page to see it.")
    _note(session, caller, WRITTEN, review_id, agent=f"{listing.publisher}/{listing.slug}", stars=stars)
    return review_id


def delete_review(session: TenantSession, *, review_id: UUID, caller: Caller) -> None:
    """The workspace has said nothing of the agent any more, and may again; the directory follows within seconds.

    Raises: NotFound, ReviewRefused, RateLimited.
    """
    review = session.get(Review, (session.tenant_id, review_id), with_for_update=True)
    if review is None:
        raise NotFound("This review is not there any more. Reload the page.")
    if refusal := _not_theirs(session, review, caller):
        raise ReviewRefused(refusal)
    _limit(caller)
    listing_id = review.listing_id
    session.delete(review)
    actor, subject = f"user:{caller.user_id}", f"review:{review_id}"
    audit.record(session, actor=actor, action=DELETED, subject=subject, stars=review.stars)
    outbox.put(session, DELETED, review_id=review_id, listing_id=listing_id)


def reply_to_review(session: TenantSession, *, review_id: UUID, text: str, caller: Caller) -> None:
    """The publisher's answer stands beneath the review. Raises: ReviewRefused, NotFound, InputInvalid."""
    review = session.get(PublicReview, review_id)
    if review is None or _listing(session, review.listing_id).tenant_id != session.tenant_id:
        raise NotFound("This review is not there any more, or it is of another publisher's agent.")
    if not _may_reply(caller):
        raise ReviewRefused("Only an admin, or somebody who builds here, answers reviews. Nothing was saved.")
    said = _checked(text)
    _limit(caller)
    answer = {"text": said, "author_user_id": caller.user_id, "updated_at": func.clock_timestamp()}
    session.execute(
        insert(ReviewReply)
        .values(tenant_id=session.tenant_id, id=review_id, listing_id=review.listing_id, **answer)
        .on_conflict_do_update(index_elements=["tenant_id", "id"], set_=answer)
    )
    _note(session, caller, REPLIED, review_id)


def _listing(session: TenantSession, listing_id: UUID) -> Listing:
    listing = session.get(Listing, listing_id)
    if listing is None:
        raise NotFound("This agent is not in the directory.")
    return listing


def _review(session: TenantSession, listing_id: UUID, *, lock: bool = False) -> Review | None:
    found = select(Review).where(col(Review.tenant_id) == session.tenant_id, col(Review.listing_id) == listing_id)
    return session.execute(found.with_for_update() if lock else found).scalar_one_or_none()


def _refuse_unread(review: Review | None, changes: UUID | None, caller: Caller) -> None:
    """Raises: ReviewOvertaken for a colleague's review that the person does not know of."""
    if review is not None and review.id != changes and review.author_user_id != caller.user_id:
        raise ReviewOvertaken(review.author_name)


def _insert(session: TenantSession, listing_id: UUID, facts: dict[str, Any]) -> UUID | None:
    """None where the workspace has one by now."""
    return session.execute(
        insert(Review)
        .values(tenant_id=session.tenant_id, id=new_id(), listing_id=listing_id, **facts)
        .on_conflict_do_nothing(index_elements=["tenant_id", "listing_id"])
        .returning(col(Review.id))
    ).scalar_one_or_none()


def _change(session: TenantSession, review: Review, facts: dict[str, Any]) -> UUID:
    session.execute(
        update(Review)
        .where(col(Review.tenant_id) == session.tenant_id, col(Review.id) == review.id)
        .values(**facts, edited_at=func.clock_timestamp())
    )
    return review.id


def _refusal(session: TenantSession, listing: Listing, review: Review | None, caller: Caller) -> str:
    """Why this person may not write, or empty."""
    if listing.tenant_id == session.tenant_id:
        return "Your workspace publishes this agent, so it cannot review it."
    if refusal := _not_theirs(session, review, caller):
        return refusal
    if tenancy.in_platform(tenancy.is_owned_within, one=session.tenant_id, other=listing.tenant_id):
        return RELATED
    publisher = {"tenant_id": listing.tenant_id, "user_id": caller.user_id}
    if tenancy.in_platform(tenancy.membership_of, **publisher) is not None:
        return MEMBER
    return "" if _counting_run(session, listing.id) is not None else NOT_YET


def _not_theirs(session: TenantSession, review: Review | None, caller: Caller) -> str:
    """Why this person may not touch the workspace's review, or empty."""
    if not _is_at_least(caller, "member"):
        return "Viewers read. Ask an admin of the workspace for the role member to write its review."
    if review is not None and suspension_of(session, review.id) is not None:
        return "A reviewer of this installation has taken this workspace's review down."
    if review is not None and review.author_user_id != caller.user_id and not _is_at_least(caller, "admin"):
        return f"{review.author_name} has written the review of this workspace; they or an admin may change it."
    return ""


def _counting_run(session: TenantSession, listing_id: UUID) -> Any:
    """None without one. Nobody has run an agent that their workspace never accepted: then the runs need not be searched."""
    if installation_of(session, listing_id=listing_id) is None:
        return None
    return session.execute(COUNTING, {"tenant": session.tenant_id, "listing": listing_id}).one_or_none()


def _may_reply(caller: Caller) -> bool:
    return _is_at_least(caller, "admin") or "build" in caller.features


def _is_at_least(caller: Caller, role: str) -> bool:
    return caller.role is not None and LADDER.index(caller.role) >= LADDER.index(role)


def _checked(said: str) -> str:
    kept = said.replace("\0", "").strip()
    if not kept or len(kept) > MOST_TEXT:
        raise InputInvalid(f"Write one to {MOST_TEXT:,} characters. Nothing was saved.")
    return kept


def _limit(caller: Caller) -> None:
    rate.hit(f"review:{caller.user_id}", HOW_OFTEN)


def _note(session: TenantSession, caller: Caller, action: str, review_id: UUID, **detail: object) -> None:
    audit.record(session, actor=f"user:{caller.user_id}", action=action, subject=f"review:{review_id}", **detail)
    outbox.put(session, action, review_id=review_id)
