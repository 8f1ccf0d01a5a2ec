"""Earlier days whose tests ended after midnight."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.catalogue import LISTING_TEST_STATES

LOOK_BACK = timedelta(days=7)
MOST_AT_ONCE = 100
# A day that a later one has overtaken is past: the state of a listing follows its days in their order.
ENDED = text(
    "SELECT t.listing_id, t.day, (array_agg(r.number ORDER BY t.created_at DESC))[1] AS version, count(*) AS tests,"
    " count(*) FILTER (WHERE t.state = 'failed') AS failed,"
    " coalesce((array_agg(t.name || ': ' || t.note ORDER BY t.created_at) FILTER (WHERE t.state = 'failed'))[1], '') AS note"
    " FROM app.test_results t JOIN catalogue.releases r ON r.id = t.release_id"
    " JOIN catalogue.listings l ON l.id = t.listing_id AND l.visibility = 'public' AND l.state = ANY(:states)"
    " WHERE t.tenant_id = :tenant AND t.day < :today AND t.day >= :since"
    " AND NOT EXISTS (SELECT 1 FROM catalogue.test_days d WHERE d.listing_id = t.listing_id AND d.day >= t.day)"
    " GROUP BY t.listing_id, t.day HAVING bool_and(t.state IN ('passed', 'failed')) ORDER BY t.day, t.listing_id LIMIT :most"
)


@dataclass(frozen=True)
class EndedDay:
    """The tests of a listing that were begun on a day and have told; `note` is of the first that failed."""

    listing_id: UUID
    day: date
    version: str
    tests: int
    failed: int
    note: str


def ended_days(tenant_id: UUID, *, today: date) -> list[EndedDay]:
    """Of the last week, the earliest first; none with a test that is under way or void."""
    with tenant_session(tenant_id) as session:
        given = {"tenant": tenant_id, "today": today, "since": today - LOOK_BACK, "most": MOST_AT_ONCE}
        return [EndedDay(*row) for row in session.execute(ENDED, {**given, "states": list(LISTING_TEST_STATES)})]
