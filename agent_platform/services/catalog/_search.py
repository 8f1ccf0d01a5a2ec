"""The directory: weighted full text over candidates bounded by popularity, filters, keyset pages.

Source: data specification, section 6. Any text is a question; none is an error.
"""

from typing import Any

from sqlalchemy import Float, and_, func, literal, literal_column, or_, select, text, tuple_
from sqlmodel import Session, col

from agent_platform.core.db.tenant import PublicSession
from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog import _cursor
from agent_platform.services.catalog._facets import facets_of
from agent_platform.services.catalog._facts import ListingCard, Page
from agent_platform.services.catalog._filters import Filters, conditions
from agent_platform.services.catalog._question import Question

SORTS = ("best", "used", "rated", "newest", "cheapest")
PAGE_SIZE = 24
MOST_CANDIDATES = 500
MOST_COUNTED = 1_000
LEAST_SIMILARITY = 0.35
MOST_COMPARED = 60


def search(
    session: PublicSession,
    *,
    q: str = "",
    filters: Filters | None = None,
    sort: str = "best",
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of public listings. Nothing found falls back to names that look alike, as one page."""
    order = next((known for known in SORTS if known == sort), "best")
    question = Question.asked(session, q, filters or Filters())
    size = max(1, min(size, PAGE_SIZE))
    total = _count(session, question)
    facets = facets_of(session, question)
    if total == 0 and question.words:
        return _look_alikes(session, q, question.filters, size)
    ranked = order == "best" and bool(question.words)
    key = question.score() if ranked else _sort_key(order)
    query = select(Listing, key).where(
        col(Listing.id).in_(_candidates(question)) if ranked else and_(*question.where())
    )
    rows = session.execute(_after(query, key, order, cursor).limit(size + 1)).all()
    shown = rows[:size]
    last = shown[-1] if len(rows) > size else None
    return Page(
        listings=[ListingCard.of(row[0]) for row in shown],
        total=min(total, MOST_COUNTED),
        total_is_capped=total > MOST_COUNTED,
        facets=facets,
        next_cursor=_cursor.written(order, last[1], last[0].id) if last else None,
    )


def _candidates(question: Question) -> Any:
    """The 500 most used matches; scoring all matches of a common word would cost twenty times as much."""
    return (
        select(col(Listing.id))
        .where(*question.where())
        .order_by(col(Listing.runs_30d).desc(), col(Listing.id).desc())
        .limit(MOST_CANDIDATES)
    )


def _sort_key(sort: str) -> Any:
    """Written as in the indexes beside the model."""
    keys: dict[str, Any] = {
        "rated": func.coalesce(col(Listing.rating), literal_column("0")),
        "newest": col(Listing.published_at),
        "cheapest": func.coalesce(col(Listing.cost_p50_micro_usd), literal_column("2147483647")),
    }
    return keys.get(sort, col(Listing.runs_30d))


def _after(query: Any, key: Any, sort: str, cursor: str | None) -> Any:
    """In order of the key and the id, from behind the cursor. Only the cheapest come lowest first."""
    after = _cursor.read(sort, cursor)
    falling = sort != "cheapest"
    if after is not None:
        value = literal(float(after.key), Float(53)) if sort in {"best", "rated"} else literal(after.key)  # pyright: ignore[reportArgumentType]
        place, seen = tuple_(key, col(Listing.id)), tuple_(value, literal(after.id))
        query = query.where(place < seen if falling else place > seen)
    order = (key, col(Listing.id))
    return query.order_by(*(one.desc() for one in order)) if falling else query.order_by(*order)


def _count(session: Session, question: Question) -> int:
    counted = select(col(Listing.id)).where(*question.where()).limit(MOST_COUNTED + 1).subquery()
    return session.execute(select(func.count()).select_from(counted)).scalar_one()


def _look_alikes(session: Session, q: str, filters: Filters, size: int) -> Page:
    """Names, and publishers, within a few letters of the question."""
    asked = q.replace("\0", "")[:MOST_COMPARED].strip().lower()
    session.execute(
        text("SELECT set_config('pg_trgm.word_similarity_threshold', :least, true)"), {"least": str(LEAST_SIMILARITY)}
    )
    alike = [func.word_similarity(asked, column) for column in (col(Listing.name), col(Listing.publisher))]
    similarity = func.greatest(*alike)
    rows = session.execute(
        select(Listing)
        .where(*conditions(filters), or_(col(Listing.name).op("%>")(asked), col(Listing.publisher).op("%>")(asked)))
        .order_by(similarity.desc(), col(Listing.runs_30d).desc(), col(Listing.id).desc())
        .limit(size)
    ).scalars()
    listings = [ListingCard.of(listing) for listing in rows]
    return Page(listings=listings, total=len(listings), total_is_capped=False, is_guess=bool(listings))
