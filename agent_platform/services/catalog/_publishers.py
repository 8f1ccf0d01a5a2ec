"""A publisher's public face: who it is, since when, and what its agents add up to (P-14).

Read together with `platform.suspensions`: what a reviewer stops is gone from here with that commit, before any job has run.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, cast, func, select
from sqlmodel import Session, col

from agent_platform.core.db.tenant import PublicSession
from agent_platform.core.errors import NotFound
from agent_platform.models.catalogue import Listing, Publisher
from agent_platform.services.catalog._facts import Page
from agent_platform.services.catalog._filters import Filters, conditions
from agent_platform.services.catalog._search import search


@dataclass(frozen=True)
class PublisherFacts:
    """`users_30d` counts each workspace once, however many of the agents it runs; `rating` is the mean of all `ratings` reviews."""

    handle: str
    name: str
    is_verified: bool
    is_synthetic: bool
    since_at: datetime
    agents: int
    users_30d: int
    runs_30d: int
    rating: float | None
    ratings: int


@dataclass(frozen=True)
class PublisherAddress:
    handle: str
    changed_at: datetime


def get_publisher(session: PublicSession, *, handle: str) -> PublisherFacts:
    """Raises: NotFound for a publisher without a public agent, as for one that never was."""
    row = session.execute(_summed(handle)).one_or_none()
    if row is None:
        raise NotFound("There is no publisher at this address.")
    return PublisherFacts(*row)


def find_publisher(session: Session, *, handle: str) -> bool:
    """Whether the publisher has a page: at least one agent in the directory."""
    query = select(col(Listing.id)).where(*of_publisher(handle)).limit(1)
    return session.execute(query).first() is not None


def agents_of_publisher(session: PublicSession, *, handle: str, cursor: str | None = None) -> Page:
    """One page of its public agents, the most used first."""
    return search(session, filters=Filters(publisher=handle, standing=True), sort="used", cursor=cursor)


def list_publishers(session: PublicSession, *, skip: int, most: int) -> list[PublisherAddress]:
    """Every publisher with a public agent, without what was made for measuring; since when the newest of them is there."""
    rows = session.execute(
        select(col(Listing.publisher), func.max(col(Listing.published_at)))
        .where(*conditions(Filters(real=True, standing=True)))
        .group_by(col(Listing.publisher))
        .order_by(func.min(col(Listing.published_at)), col(Listing.publisher))
        .offset(skip)
        .limit(most)
    )
    return [PublisherAddress(*row) for row in rows]


def of_publisher(handle: str) -> list[Any]:
    return conditions(Filters(publisher=handle, standing=True))


def _summed(handle: str) -> Any:
    rated = func.sum(col(Listing.rating_count)).filter(col(Listing.rating).is_not(None))
    points = func.sum(col(Listing.rating) * col(Listing.rating_count))
    return (
        select(
            col(Publisher.handle),
            col(Publisher.name),
            col(Publisher.is_verified),
            col(Publisher.is_synthetic),
            func.min(col(Listing.published_at)),
            func.count(),
            col(Publisher.users_30d),
            cast(func.coalesce(func.sum(col(Listing.runs_30d)), 0), BigInteger),
            cast(points / func.nullif(rated, 0), Float),
            cast(func.coalesce(rated, 0), BigInteger),
        )
        .join(Listing, col(Listing.tenant_id) == col(Publisher.tenant_id))
        .where(*of_publisher(handle))
        .group_by(col(Publisher.tenant_id))
    )
