"""Reviews of one agent: read by anybody, written and answered in a workspace."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from agent_platform.core.db.tenant import PublicSession, TenantSession
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import parse
from agent_platform.core.policy import Caller
from agent_platform.services import catalog
from agent_platform.views.format import plain_text
from agent_platform.views.reviews import ReviewsView, StandingView, reviews_view, standing_view


@dataclass(frozen=True)
class Mine:
    """What this person may say, and what the workspace has said so far."""

    view: StandingView
    stars: int
    text: str
    review_id: UUID | None = None


def find_listing(session: PublicSession, *, publisher: str, slug: str) -> UUID | None:
    """None for an own agent that is not in the directory."""
    listing = catalog.find_listing(session, publisher=publisher, slug=slug)
    return listing.id if listing else None


def read_reviews(session: PublicSession, *, publisher: str, slug: str, limit: int) -> ReviewsView:
    """Empty for an agent that is not in the directory."""
    listing = catalog.find_listing(session, publisher=publisher, slug=slug)
    if listing is None:
        return ReviewsView()
    found = catalog.list_reviews(session, listing_id=listing.id, limit=limit)
    return reviews_view(found, plain_text(listing.publisher_name or publisher), datetime.now(UTC))


def read_standing(session: TenantSession, *, listing_id: UUID, caller: Caller) -> Mine:
    found = catalog.standing(session, listing_id=listing_id, caller=caller)
    return Mine(standing_view(found), found.stars, found.text, found.review_id)


def write_review(
    session: TenantSession, *, listing_id: UUID | None, changes: UUID | None, stars: int, text: str, caller: Caller
) -> None:
    """Raises: NotFound, ReviewOvertaken, ReviewRefused, InputInvalid, RateLimited."""
    if listing_id is None:
        raise NotFound
    said = {"changes": changes, "stars": stars, "text": text}
    catalog.write_review(session, listing_id=listing_id, caller=caller, **said)


def reply_to_review(session: TenantSession, *, review: str, text: str, caller: Caller) -> None:
    """Raises: NotFound, ReviewRefused, InputInvalid, RateLimited."""
    catalog.reply_to_review(session, review_id=parse("rev", review), text=text, caller=caller)
