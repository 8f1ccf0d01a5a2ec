"""Closed days of tests, and what they make of the listing. Written as the publisher."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.catalogue import LISTING_TEST_STATES, DayOfTests, Listing
from agent_platform.services import audit
from agent_platform.services.quality._verdict import Day, state_after

MOST_DAYS = 90


@dataclass(frozen=True)
class LastTest:
    """The latest day of tests of a listing; `note` says what failed."""

    passed: bool
    tests: int
    failed: int
    note: str
    finished_at: datetime


def close_day(listing_id: UUID, *, day: date, version: str, tests: int, failed: int, note: str) -> None:
    """The day counts, once, and the listing is in the state that its days of tests ask for. Its creator's audit log says when that changes."""
    with publisher_session() as session:
        listing = session.execute(select(Listing).where(col(Listing.id) == listing_id).with_for_update()).scalar_one()
        before = [Day(one.failed == 0, one.state) for one in _days(session, listing_id) if one.day < day]
        state = (
            state_after(listing.state, passed=failed == 0, before=before)
            if listing.state in LISTING_TEST_STATES
            else listing.state
        )
        made = session.execute(
            insert(DayOfTests)
            .values(listing_id=listing_id, day=day, version=version, tests=tests, failed=failed, note=note, state=state)
            .on_conflict_do_nothing(index_elements=["listing_id", "day"])
            .returning(col(DayOfTests.day))
        ).first()
        if made is None or state == listing.state:
            return
        was = listing.state
        session.execute(
            update(Listing)
            .where(col(Listing.id) == listing_id, col(Listing.state) == was)
            .values(state=state, updated_at=func.now())
            .execution_options(synchronize_session=False)
        )
    with tenant_session(listing.tenant_id) as inside:
        detail = {"was": was, "now": str(state), "note": note}
        audit.record(inside, actor="platform", action="listing.tested", subject=f"listing:{listing_id}", **detail)


def last_test(session: Session, *, listing_id: UUID) -> LastTest | None:
    """None until the first day of tests."""
    found = _days(session, listing_id, most=1)
    if not found:
        return None
    one = found[0]
    return LastTest(one.failed == 0, one.tests, one.failed, one.note, one.finished_at)


def _days(session: Session, listing_id: UUID, *, most: int = MOST_DAYS) -> list[DayOfTests]:
    return list(
        session.execute(
            select(DayOfTests)
            .where(col(DayOfTests.listing_id) == listing_id)
            .order_by(col(DayOfTests.day).desc())
            .limit(most)
        ).scalars()
    )
