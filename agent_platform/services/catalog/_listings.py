"""Single listings, and the lists that are not searches."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from agent_platform.core.db.tenant import PublicSession
from agent_platform.core.errors import NotFound
from agent_platform.models.catalogue import Listing, ListingState, Publisher, Release, ReleaseState
from agent_platform.services.agents import number_of
from agent_platform.services.catalog._days import read_days
from agent_platform.services.catalog._facts import Collection, ListingCard, ListingFacts, ReleaseFacts, Totals
from agent_platform.services.catalog._filters import Filters, conditions
from agent_platform.services.catalog._manifests import manifest_of

GETTABLE = frozenset({ListingState.PUBLISHED, ListingState.MAINTENANCE, ListingState.DEPRECATED})
NO_LISTING = "There is no such agent in the directory. It may have been withdrawn."
COLLECTION_SIZE = 8
KEYLESS = ("no_model", "no_connection")
MOST_BY_PUBLISHER = 100


def get_listing(session: PublicSession, *, publisher: str, slug: str) -> ListingFacts:
    """Unlisted agents too, for whoever has the address. Raises: NotFound for withdrawn, suspended and missing alike."""
    listing = find_listing(session, publisher=publisher, slug=slug)
    if listing is None:
        raise NotFound(NO_LISTING)
    return _facts(session, listing)


def find_listing(session: Session, *, publisher: str, slug: str) -> Listing | None:
    listing = session.execute(
        select(Listing).where(col(Listing.publisher) == _plain(publisher), col(Listing.slug) == _plain(slug))
    ).scalar_one_or_none()
    return listing if listing is not None and listing.state in GETTABLE else None


def list_by_publisher(session: PublicSession, *, publisher: str) -> tuple[str, list[ListingCard]]:
    """The publisher's name and public agents, the most used first. Raises: NotFound."""
    name = session.execute(
        select(col(Publisher.name)).where(col(Publisher.handle) == _plain(publisher))
    ).scalar_one_or_none()
    if name is None:
        raise NotFound("There is no such publisher.")
    return name, _cards(session, Filters(publisher=publisher), limit=MOST_BY_PUBLISHER)


def collections(session: PublicSession) -> list[Collection]:
    """The lists of the landing page, without what was made for measuring; one without an agent is left out.

    Where no agent is in any of them, what there is stands in one list, the most used first.
    """
    newest = [col(Listing.published_at).desc(), col(Listing.id).desc()]
    best = [func.coalesce(col(Listing.quality), 0).desc(), col(Listing.runs_30d).desc(), col(Listing.id).desc()]
    made = [
        Collection("featured", "Featured", _cards(session, Filters(verified=True, real=True), order=best)),
        Collection("trending", "Trending", _trending(session)),
        Collection("no_key", "No key needed", _cards(session, Filters(needs=KEYLESS, real=True))),
        Collection(
            "new_verified", "New and verified", _cards(session, Filters(verified=True, real=True), order=newest)
        ),
    ]
    shown = [one for one in made if one.listings] or [
        Collection("all", "All agents", _cards(session, Filters(real=True)))
    ]
    return [one for one in shown if one.listings]


def totals(session: PublicSession) -> Totals:
    """What the landing page counts: nothing that was made for measuring."""
    row = session.execute(
        select(
            func.count(),
            func.count(func.distinct(col(Listing.tenant_id))),
            func.coalesce(func.sum(col(Listing.runs_30d)), 0),
            func.sum(col(Listing.success_30d) * col(Listing.judged_30d))
            / func.nullif(func.sum(col(Listing.judged_30d)), 0),
        ).where(*conditions(Filters(real=True)))
    ).one()
    return Totals(row[0], row[1], int(row[2]), row[3])


def public_release(session: Session, *, release_id: UUID) -> Release:
    """Also a withdrawn one: finished runs refer to it. Raises: NotFound."""
    release = session.get(Release, release_id)
    if release is None:
        raise NotFound("This release does not exist.")
    return release


def _facts(session: Session, listing: Listing) -> ListingFacts:
    releases = session.execute(select(Release).where(col(Release.listing_id) == listing.id)).scalars()
    newest_first = sorted(releases, key=lambda release: number_of(release.number), reverse=True)
    shown = next(release for release in newest_first if release.id == listing.release_id)
    publisher = session.get_one(Publisher, listing.tenant_id)
    return ListingFacts(
        card=ListingCard.of(listing),
        publisher_name=publisher.name,
        manifest=manifest_of(shown.manifest),
        readme=shown.readme,
        changelog=shown.changelog,
        digest=shown.digest,
        releases=[ReleaseFacts.of(release) for release in newest_first if release.state != ReleaseState.WITHDRAWN],
        days=read_days(session, listing.id),
    )


def _trending(session: Session) -> list[ListingCard]:
    """Those that were run more in the last seven days than in the seven before, the steepest first."""
    growing = [col(Listing.growth_7d) > 0, *conditions(Filters(real=True))]
    steepest = [col(Listing.growth_7d).desc(), col(Listing.id).desc()]
    rows = session.execute(select(Listing).where(*growing).order_by(*steepest).limit(COLLECTION_SIZE))
    return [ListingCard.of(listing) for listing in rows.scalars()]


def _cards(
    session: Session, filters: Filters, *, order: list | None = None, limit: int = COLLECTION_SIZE
) -> list[ListingCard]:
    most_used = [col(Listing.runs_30d).desc(), col(Listing.id).desc()]
    rows = session.execute(select(Listing).where(*conditions(filters)).order_by(*(order or most_used)).limit(limit))
    return [ListingCard.of(listing) for listing in rows.scalars()]


def _plain(text: str) -> str:
    return text.replace("\0", "")
