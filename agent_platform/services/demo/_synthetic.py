"""A directory as large as one likes, to measure with. Never part of a first start; `remove_synthetic` takes all of it away."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from psycopg.types.json import Json
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from agent_platform.core.db.publisher import publisher_session
from agent_platform.models.catalogue import Listing, Publisher, Release
from agent_platform.services import catalog
from agent_platform.services.demo._made_up import made_up

MOST = 1_000_000
BATCH = 5_000


def seed_synthetic(number: int) -> int:
    """The directory holds at least this many synthetic listings; how many were added."""
    catalog.ensure_synonyms()
    with publisher_session() as session:
        there = session.execute(
            select(func.count()).select_from(Listing).where(col(Listing.is_synthetic).is_(True))
        ).scalar_one()
    wanted = min(number, MOST)
    for first in range(there, wanted, BATCH):
        with publisher_session() as session:
            _add(session, range(first, min(first + BATCH, wanted)))
    return max(0, wanted - there)


def remove_synthetic() -> int:
    """No synthetic listing or publisher is left; how many listings were removed."""
    removed = 0
    while batch := _remove_some():
        removed += batch
    with publisher_session() as session:
        session.execute(delete(Publisher).where(col(Publisher.is_synthetic).is_(True)))
        catalog.forget_words(session)
    return removed


def _add(session: Session, numbers: Iterable[int]) -> None:
    made = [made_up(number) for number in numbers]
    publishers = {one.publisher["tenant_id"]: one.publisher for one in made}
    session.execute(insert(Publisher).on_conflict_do_nothing(), list(publishers.values()))
    _copy(session, "releases", [one.release | {"manifest": Json(one.release["manifest"])} for one in made])
    _copy(session, "listings", [one.listing for one in made])


def _copy(session: Session, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """All rows in one stream: half a minute for 100,000 listings, where statements take ten."""
    columns = tuple(rows[0])
    statement = sql.SQL("COPY catalogue.{} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([row[column] for column in columns])


def _remove_some() -> int:
    with publisher_session() as session:
        ids = (
            session.execute(select(col(Listing.id)).where(col(Listing.is_synthetic).is_(True)).limit(BATCH))
            .scalars()
            .all()
        )
        session.execute(delete(Release).where(col(Release.listing_id).in_(ids)))
        session.execute(delete(Listing).where(col(Listing.id).in_(ids)))
        return len(ids)
