"""Whose turn it is to be tested."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.catalogue import LISTING_TEST_STATES, Listing, Release

MOST_DUE = 50
FIRST_AFTER = timedelta(minutes=10)
# The last 28 bits of an id are random: they spread the listings over the minutes of the day.
DUE = text(
    "SELECT l.id FROM catalogue.listings l"
    " LEFT JOIN LATERAL (SELECT max(d.day) AS day FROM catalogue.test_days d WHERE d.listing_id = l.id) last ON true"
    " WHERE l.visibility = 'public' AND l.state = ANY(:states) AND NOT l.is_synthetic"
    " AND CASE WHEN last.day IS NULL THEN l.published_at <= :first_before"
    " ELSE last.day < :today AND CAST(CAST('x' || right(CAST(l.id AS text), 7) AS bit(28)) AS int) % 1440 <= :minute END"
    " AND NOT EXISTS (SELECT 1 FROM app.test_results t WHERE t.tenant_id = :tenant AND t.listing_id = l.id"
    " AND t.day = :today AND t.state = 'void')"
    " ORDER BY last.day NULLS FIRST, l.id LIMIT :most"
)


def due_listings(tenant_id: UUID, now: datetime, *, most: int = MOST_DUE) -> list[tuple[Listing, Release]]:
    """Public listings without a closed day today whose minute of the day has come; one that was never tested is due soon.

    Those that waited longest come first. A void test ends the day of its listing: it will not count, and nobody waits behind it.
    """
    with tenant_session(tenant_id) as session:
        given = {"tenant": tenant_id, "today": now.date(), "minute": now.hour * 60 + now.minute, "most": most}
        more = {"states": list(LISTING_TEST_STATES), "first_before": now - FIRST_AFTER}
        turn = list(session.execute(DUE, {**given, **more}).scalars())
        rows = session.execute(
            select(Listing, Release)
            .join(Release, col(Release.id) == Listing.release_id)
            .where(col(Listing.id).in_(turn))
        ).all()
        return sorted(((listing, release) for listing, release in rows), key=lambda row: turn.index(row[0].id))
