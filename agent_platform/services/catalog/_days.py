"""How often an agent succeeded on each of the last thirty days (P-06): written with the other figures, drawn on its page."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from agent_platform.services.catalog._facts import SuccessDay

DAYS = 30
KEEP = text("""
    INSERT INTO catalogue.success_days (listing_id, day, good, bad)
    SELECT :listing_id, :day, :good, :bad WHERE NOT EXISTS (
        SELECT FROM catalogue.success_days
        WHERE (listing_id, day, good, bad) = (:listing_id, :day, :good, :bad)
    )
    ON CONFLICT (listing_id, day) DO UPDATE SET good = excluded.good, bad = excluded.bad
""")
FORGET = text("""
    DELETE FROM catalogue.success_days
    WHERE listing_id = ANY(:listings) AND day <= (now() AT TIME ZONE 'UTC')::date - :days
""")
READ = text("SELECT day, good, bad FROM catalogue.success_days WHERE listing_id = :listing AND day >= :first")


def write_days(session: Session, listings: Sequence[UUID], rows: Iterable[Any]) -> None:
    """The catalogue has these days of these listings, and none that are older. Days that are as they were are not written."""
    ours = set(listings)
    found = [dict(row._mapping) for row in rows if row.listing_id in ours]  # noqa: SLF001  # the library's public name
    if found:
        session.execute(KEEP, found)
    session.execute(FORGET, {"listings": list(listings), "days": DAYS})


def read_days(session: Session, listing_id: UUID) -> list[SuccessDay]:
    """One for each of the last days up to today, the oldest first, also where nothing ran."""
    first = datetime.now(UTC).date() - timedelta(days=DAYS - 1)
    rows = session.execute(READ, {"listing": listing_id, "first": first})
    known = {row.day: SuccessDay(row.day, row.good, row.bad) for row in rows}
    every = (first + timedelta(days=number) for number in range(DAYS))
    return [known.get(day, SuccessDay(day)) for day in every]
