"""What anybody may read of examples: while their agent is offered, not suspended, and the version that ran was not withdrawn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from agent_platform.core.errors import NotFound
from agent_platform.models.catalogue import Listing, ListingState, Release, ReleaseState
from agent_platform.models.examples import PublicExample
from agent_platform.services import catalog
from agent_platform.services.examples._facts import ExampleCard, ExampleFacts, Kept

MISSING = "There is no such example. Its publisher may have removed it."
IN_DIRECTORY = (
    col(Listing.visibility) == "public",
    col(Listing.state).in_([ListingState.PUBLISHED.value, ListingState.MAINTENANCE.value]),
    col(Listing.is_synthetic).is_(False),
)


@dataclass(frozen=True)
class ExampleAddress:
    publisher: str
    agent: str
    slug: str
    changed_at: datetime


def list_examples(session: Session, *, listing_id: UUID) -> list[ExampleCard]:
    """The newest first; none while the agent is suspended."""
    if catalog.suspension_of(session, listing_id) is not None:
        return []
    rows = session.execute(
        select(*(getattr(PublicExample, name) for name in ExampleCard.names()))
        .join(Release, col(Release.id) == PublicExample.release_id)
        .where(*_of(listing_id))
        .order_by(col(PublicExample.id).desc())
    )
    return [ExampleCard.of(row) for row in rows]


def count_examples(session: Session, *, listing_id: UUID) -> int:
    return session.execute(
        select(func.count())
        .select_from(PublicExample)
        .join(Release, col(Release.id) == PublicExample.release_id)
        .where(*_of(listing_id))
    ).scalar_one()


def get_example(session: Session, *, publisher: str, slug: str, example: str) -> ExampleFacts:
    """Raises: NotFound for an example that is not shown, of whatever agent."""
    listing = catalog.find_listing(session, publisher=publisher, slug=slug)
    if listing is None or catalog.suspension_of(session, listing.id) is not None:
        raise NotFound(MISSING)
    found = session.execute(
        select(PublicExample, Release)
        .join(Release, col(Release.id) == PublicExample.release_id)
        .where(*_of(listing.id), col(PublicExample.slug) == example.replace("\0", ""))
    ).one_or_none()
    if found is None:
        raise NotFound(MISSING)
    return _facts(listing, *found)


def find_input(session: Session, *, publisher: str, slug: str, example: str) -> tuple[str, dict[str, Any]] | None:
    """Title and input of an example, for the form of its agent; None where there is no such example."""
    try:
        found = get_example(session, publisher=publisher, slug=slug, example=example)
    except NotFound:
        return None
    return found.card.title, found.kept.input


def count_addresses(session: Session) -> int:
    return session.execute(_addresses(func.count())).scalar_one()


def list_addresses(session: Session, *, skip: int, most: int) -> list[ExampleAddress]:
    """Every example that search engines may list, the oldest first: new ones come behind those that were listed before."""
    wanted = (
        col(Listing.publisher),
        col(Listing.slug),
        col(PublicExample.slug).label("example"),
        col(PublicExample.changed_at),
    )
    rows = session.execute(_addresses(*wanted).order_by(col(PublicExample.id)).offset(skip).limit(most))
    return [ExampleAddress(*row) for row in rows]


def _of(listing_id: UUID) -> tuple[Any, Any]:
    return col(PublicExample.listing_id) == listing_id, col(Release.state) == ReleaseState.PUBLISHED.value


def _addresses(*wanted: Any) -> Any:
    return (
        select(*wanted)
        .select_from(PublicExample)
        .join(Listing, col(Listing.id) == PublicExample.listing_id)
        .join(Release, col(Release.id) == PublicExample.release_id)
        .where(*IN_DIRECTORY, col(Release.state) == ReleaseState.PUBLISHED.value)
    )


def _facts(listing: Listing, example: PublicExample, release: Release) -> ExampleFacts:
    manifest = catalog.manifest_of(release.manifest)
    return ExampleFacts(
        card=ExampleCard.of(example),
        kept=Kept.of(example.kept),
        listing_id=listing.id,
        publisher=listing.publisher,
        publisher_name=listing.publisher_name or listing.publisher,
        agent_slug=listing.slug,
        agent_name=listing.name,
        category=listing.category,
        listed_version=listing.version,
        price_model=listing.price_model,
        price_label=listing.price_label,
        price_unit=listing.price_unit,
        indexed=listing.visibility == "public" and listing.state in {ListingState.PUBLISHED, ListingState.MAINTENANCE},
        schema=manifest.input_schema,
        output=manifest.output,
        duration_ms=example.duration_ms,
        cost_micro_usd=example.cost_micro_usd,
        saved_at=example.saved_at,
    )
