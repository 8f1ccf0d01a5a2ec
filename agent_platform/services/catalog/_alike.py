"""Names that look like what was typed, for a question without an answer."""

from sqlalchemy import func, or_, select, text
from sqlmodel import Session, col

from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._facts import ListingCard, Page
from agent_platform.services.catalog._filters import Filters, conditions

LEAST_SIMILARITY = 0.35
MOST_COMPARED = 60


def look_alikes(session: Session, q: str, filters: Filters, size: int) -> Page:
    """Names, and publishers, within a few letters of the question; the closest first."""
    asked = q.replace("\0", "")[:MOST_COMPARED].strip().lower()
    session.execute(
        text("SELECT set_config('pg_trgm.word_similarity_threshold', :least, true)"), {"least": str(LEAST_SIMILARITY)}
    )
    similarity = func.greatest(
        func.word_similarity(asked, col(Listing.name)), func.word_similarity(asked, col(Listing.publisher))
    )
    rows = session.execute(
        select(*(getattr(Listing, name) for name in ListingCard.names()))
        .where(*conditions(filters), or_(col(Listing.name).op("%>")(asked), col(Listing.publisher).op("%>")(asked)))
        .order_by(similarity.desc(), col(Listing.runs_30d).desc(), col(Listing.id).desc())
        .limit(size)
    )
    listings = [ListingCard(*row) for row in rows]
    return Page(listings=listings, total=len(listings), total_is_capped=False, is_guess=bool(listings))
