"""The directory: weighted full text over candidates bounded by popularity, filters, keyset pages.

Source: data specification, section 6. Any text is a question; none is an error.
"""

from typing import Any

from sqlalchemy import CTE, Float, func, literal, literal_column, select, text, tuple_
from sqlmodel import col

from agent_platform.core.db.tenant import PublicSession
from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog import _cursor
from agent_platform.services.catalog._alike import look_alikes
from agent_platform.services.catalog._facts import ListingCard, Page
from agent_platform.services.catalog._filters import Filters
from agent_platform.services.catalog._question import Question

SORTS = ("best", "used", "rated", "newest", "cheapest")
PAGE_SIZE = 24
MOST_CANDIDATES = 300
MOST_COUNTED = 500


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
    session.execute(PLAN_EACH)
    question = Question.asked(session, q, filters or Filters())
    size = max(1, min(size, PAGE_SIZE))
    place = _cursor.read(order, cursor)
    ranked = order == "best" and bool(question.words)
    found = _ranked(question, place, size + 1) if ranked else _sorted(question, order, place, size + 1)
    rows = session.execute(_with_cards(found, falling=order != "cheapest")).all()
    if not rows and place is None and question.words:
        return look_alikes(session, q, question.filters, size)
    shown = rows[:size]
    last = shown[-1] if len(rows) > size else None
    total = rows[0].total if rows else 0
    return Page(
        listings=[ListingCard(*row[:-2]) for row in shown],
        total=min(total, MOST_COUNTED),
        total_is_capped=total > MOST_COUNTED,
        next_cursor=_cursor.written(order, last.key, last.id) if last else None,
    )


# A plan made for any words at all walks the whole directory for a rare one.
PLAN_EACH = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")


def _sorted(question: Question, order: str, place: _cursor.Cursor | None, size: int) -> Any:
    """Read from the index of the order alone: it holds what the filters ask for."""
    key = _sort_key(order)
    counted = select(col(Listing.id)).where(*question.where()).limit(MOST_COUNTED + 1).subquery()
    query = select(col(Listing.id), key.label("key"), _number_of(counted)).where(*question.where())
    return _after(query, key, order, place).limit(size)


def _ranked(question: Question, place: _cursor.Cursor | None, size: int) -> Any:
    """The best of at most 300 candidates: scoring all matches of a common word would cost twenty times as much."""
    found = _most_used(question.where(), MOST_COUNTED + 1).cte("found").prefix_with("MATERIALIZED")
    candidates = _candidates(question, found)
    score = question.score()
    query = select(col(Listing.id), score.label("key"), _number_of(found)).where(col(Listing.id).in_(candidates))
    return _after(query, score, "best", place).limit(size)


def _candidates(question: Question, found: CTE) -> Any:
    """The most used of those with any word; where there are several, half of the places belong to those with all of them."""
    several = len(question.words) > 1
    number = MOST_CANDIDATES // 2 if several else MOST_CANDIDATES
    with_any = select(found.c.id).order_by(found.c.runs_30d.desc(), found.c.id.desc()).limit(number)
    if not several:
        return with_any
    with_all = _most_used(question.where_all(), number, walks=False).subquery()
    return select(with_all.c.id).union(select(with_any.subquery().c.id))


def _most_used(where: list[Any], number: int, *, walks: bool = True) -> Any:
    """Down the index of use until there are enough; else all of them are found first, as for words that seldom meet."""
    used = col(Listing.runs_30d) if walks else col(Listing.runs_30d) + literal_column("0")
    order = (used.desc(), col(Listing.id).desc())
    return select(col(Listing.id), col(Listing.runs_30d)).where(*where).order_by(*order).limit(number)


def _number_of(found: Any) -> Any:
    return select(func.count()).select_from(found).scalar_subquery().label("total")


def _with_cards(found: Any, *, falling: bool) -> Any:
    """What is found, in its order, with everything a card shows."""
    few = found.subquery()
    columns = [getattr(Listing, name) for name in ListingCard.names()]
    order = (few.c.key.desc(), few.c.id.desc()) if falling else (few.c.key, few.c.id)
    return select(*columns, few.c.key, few.c.total).join(few, few.c.id == col(Listing.id)).order_by(*order)


def _sort_key(sort: str) -> Any:
    """Written as in the indexes beside the model."""
    keys: dict[str, Any] = {
        "rated": func.coalesce(col(Listing.rating), literal_column("0")),
        "newest": col(Listing.published_at),
        "cheapest": func.coalesce(col(Listing.cost_p50_micro_usd), literal_column("2147483647")),
    }
    return keys.get(sort, col(Listing.runs_30d))


def _after(query: Any, key: Any, sort: str, place: _cursor.Cursor | None) -> Any:
    """In order of the key and the id, from behind the place. Only the cheapest come lowest first."""
    falling = sort != "cheapest"
    if place is not None:
        value = literal(float(place.key), Float(53)) if sort in {"best", "rated"} else literal(place.key)  # pyright: ignore[reportArgumentType]
        here, seen = tuple_(key, col(Listing.id)), tuple_(value, literal(place.id))
        query = query.where(here < seen if falling else here > seen)
    order = (key, col(Listing.id))
    return query.order_by(*(one.desc() for one in order)) if falling else query.order_by(*order)
