"""The directory: weighted full text over candidates bounded by popularity, filters, keyset pages.

Source: data specification, section 6. Any text is a question; none is an error.
"""

from dataclasses import replace

from sqlalchemy import text
from sqlmodel import Session

from agent_platform.core.db.tenant import PublicSession
from agent_platform.services.catalog import _cursor
from agent_platform.services.catalog._facts import ListingCard, Page
from agent_platform.services.catalog._filters import Filters
from agent_platform.services.catalog._question import Question
from agent_platform.services.catalog._ranking import MOST_COUNTED
from agent_platform.services.catalog._reading import read

SORTS = ("best", "used", "rated", "newest", "cheapest")
PAGE_SIZE = 24
# A plan made for any words at all walks the whole directory for a rare one. Words are compared that
# have a quarter of their trigrams in common.
SETTINGS = text("""
    SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('pg_trgm.similarity_threshold', '0.25', true)
""")


def search(
    session: PublicSession,
    *,
    q: str = "",
    filters: Filters | None = None,
    sort: str = "best",
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """One page of public listings. Nothing found falls back to words that look alike, as one page."""
    order = next((known for known in SORTS if known == sort), "best")
    question = Question.asked(session, q, filters or Filters())
    session.execute(SETTINGS)
    size = max(1, min(size, PAGE_SIZE))
    place = _cursor.read(order, cursor)
    page = _page(session, question, order, place, size)
    if page.listings or place is not None or not question.words:
        return page
    return _guess(session, question, size)


def _page(session: Session, question: Question, order: str, place: _cursor.Cursor | None, size: int) -> Page:
    rows = [] if question.finds_nothing else session.execute(*read(question, order, place, size + 1)).all()
    shown = rows[:size]
    last = shown[-1] if len(rows) > size else None
    total = rows[0].total if rows else 0
    return Page(
        listings=[ListingCard(*row[:-2]) for row in shown],
        total=min(total, MOST_COUNTED),
        total_is_capped=total > MOST_COUNTED,
        next_cursor=_cursor.written(order, last.key, last.id) if last else None,
    )


def _guess(session: Session, question: Question, size: int) -> Page:
    meant = question.corrected(session)
    if not meant.words:
        return Page(listings=[], total=0, total_is_capped=False)
    page = _page(session, meant, "best", None, size)
    number = len(page.listings)
    return replace(page, total=number, total_is_capped=False, next_cursor=None, is_guess=number > 0)
