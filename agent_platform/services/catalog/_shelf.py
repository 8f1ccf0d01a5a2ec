"""What the publisher role writes: publishers, listings, releases and how releases run. Each call may be repeated."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Float, cast, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from agent_platform.models.catalogue import (
    Listing,
    ListingState,
    PublicReview,
    Publisher,
    Release,
    ReleaseSpec,
    ReleaseState,
)
from agent_platform.services import agents
from agent_platform.services.catalog._labels import price_label
from agent_platform.services.catalog._words import forget_terms, hold_words, terms_of

# Whoever publishes asks first what is suspended; whoever takes suspended things away waits for those who asked before.
BEFORE_SUSPENDING = text("SELECT pg_advisory_xact_lock_shared(hashtextextended('catalogue suspensions', 0))")
AFTER_PUBLISHING = text("SELECT pg_advisory_xact_lock(hashtextextended('catalogue suspensions', 0))")


@dataclass(frozen=True)
class Approved:
    """All that the publisher role needs to know; it reads no tenant table itself."""

    request_id: UUID
    visibility: str
    agent_id: UUID
    version_id: UUID
    number: str
    digest: str
    readme: str
    changelog: str
    manifest: agents.Manifest
    spec: dict[str, Any]
    tenant_id: UUID
    handle: str
    publisher_name: str
    is_verified: bool


def write_release(session: Session, approved: Approved) -> tuple[bool, bool]:
    """(the release is new, the listing shows it). A lower number than the listed one becomes a release, but is not shown."""
    lock_listing(session, approved.agent_id)
    facts = {"handle": approved.handle, "name": approved.publisher_name, "is_verified": approved.is_verified}
    session.execute(
        insert(Publisher)
        .values(tenant_id=approved.tenant_id, **facts)
        .on_conflict_do_update(index_elements=["tenant_id"], set_=facts)
    )
    is_new = _insert_release(session, approved)
    columns = {
        "tenant_id": approved.tenant_id,
        "publisher": approved.handle,
        "publisher_name": approved.publisher_name,
        "visibility": approved.visibility,
        "release_id": approved.request_id,
        "is_verified": approved.is_verified,
        **_columns_of(approved.manifest),
    }
    listing = session.get(Listing, approved.agent_id)
    if listing is None:
        state = ListingState.PUBLISHED.value
        session.execute(insert(Listing).values(id=approved.agent_id, state=state, **columns))
        return is_new, True
    if listing.state == ListingState.WITHDRAWN or agents.number_of(approved.number) < agents.number_of(listing.version):
        return is_new, False
    standing = _standing(listing)
    if getattr(listing, standing) == ListingState.DEPRECATED:
        columns[standing] = ListingState.PUBLISHED.value
    _retell_listing(session, listing.id, columns)
    return is_new, listing.state != ListingState.SUSPENDED


def yank_releases(session: Session, agent_id: UUID, numbers: list[str]) -> None:
    """Releases of these numbers start no run; a listing that showed one shows the newest that is left, or is deprecated."""
    lock_listing(session, agent_id)
    session.execute(
        update(Release)
        .where(col(Release.listing_id) == agent_id, col(Release.number).in_(numbers))
        .values(state=ReleaseState.YANKED.value)
    )
    listing = session.get(Listing, agent_id)
    if listing is None or listing.version not in numbers or listing.state == ListingState.WITHDRAWN:
        return
    left = session.execute(
        select(Release).where(col(Release.listing_id) == agent_id, col(Release.state) == ReleaseState.PUBLISHED.value)
    ).scalars()
    newest = max(left, key=lambda release: agents.number_of(release.number), default=None)
    if newest is None:
        _update_listing(session, agent_id, {_standing(listing): ListingState.DEPRECATED.value})
    else:
        _retell_listing(
            session, agent_id, {"release_id": newest.id, **_columns_of(agents.read_manifest(newest.manifest))}
        )


def _standing(listing: Listing) -> str:
    """The column of the state that counts, or will count again: a suspended listing keeps it aside."""
    return "suspended_from" if listing.state == ListingState.SUSPENDED else "state"


def withdraw_listing(session: Session, agent_id: UUID) -> None:
    """The listing is gone for good and its releases start no run; their rows stay, because runs refer to them."""
    listing = session.get(Listing, agent_id)
    if listing is not None and listing.state != ListingState.WITHDRAWN:
        _retell_listing(session, agent_id, {"state": ListingState.WITHDRAWN.value})
    session.execute(
        update(Release)
        .where(col(Release.listing_id) == agent_id, col(Release.state) == ReleaseState.PUBLISHED.value)
        .values(state=ReleaseState.WITHDRAWN.value)
    )


def rate_listing(session: Session, listing_id: UUID) -> None:
    """The listing's mean and number are those of the reviews that everybody reads."""
    of_listing = col(PublicReview.listing_id) == listing_id
    mean = select(cast(func.avg(col(PublicReview.stars)), Float)).where(of_listing).scalar_subquery()
    number = select(func.count()).select_from(PublicReview).where(of_listing).scalar_subquery()
    session.execute(
        update(Listing)
        .where(col(Listing.id) == listing_id)
        .values(rating=mean, rating_count=number)
        .execution_options(synchronize_session=False)
    )


def lock_listing(session: Session, agent_id: UUID) -> None:
    """Two jobs for one agent wait for each other until commit."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:agent, 0))"), {"agent": str(agent_id)})


def _insert_release(session: Session, approved: Approved) -> bool:
    made = session.execute(
        insert(Release)
        .values(
            id=approved.request_id,
            tenant_id=approved.tenant_id,
            listing_id=approved.agent_id,
            number=approved.number,
            state=ReleaseState.PUBLISHED.value,
            manifest=agents.public_manifest(approved.manifest),
            digest=approved.digest,
            readme=approved.readme,
            changelog=approved.changelog,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(col(Release.id))
    ).first()
    session.execute(
        insert(ReleaseSpec)
        .values(
            release_id=approved.request_id,
            tenant_id=approved.tenant_id,
            source_version_id=approved.version_id,
            spec=approved.spec,
        )
        .on_conflict_do_nothing(index_elements=["release_id"])
    )
    return made is not None


def _columns_of(manifest: agents.Manifest) -> dict[str, Any]:
    label, unit = price_label(manifest.price)
    permissions = manifest.permissions
    return {
        "slug": manifest.slug,
        "name": manifest.name,
        "summary": manifest.summary,
        "category": manifest.category,
        "kind": manifest.kind,
        "tags": list(manifest.tags),
        "version": manifest.version,
        "price_model": manifest.price["model"],
        "price_label": label,
        "price_unit": unit,
        "needs_network": bool(permissions["network"]),
        "needs_connection": any(not slot["optional"] for slot in permissions["connections"].values()),
        "needs_model": bool(permissions["models"]),
        "permission_level": manifest.permission_level,
        "demo": manifest.demo,
    }


def _retell_listing(session: Session, listing_id: UUID, columns: dict[str, Any]) -> None:
    """The listing says this; what it was found by, and no listing is any more, is forgotten."""
    hold_words(session)
    before = terms_of(session, listing_id)
    _update_listing(session, listing_id, columns)
    forget_terms(session, before - terms_of(session, listing_id))


def _update_listing(session: Session, listing_id: UUID, columns: dict[str, Any]) -> None:
    session.execute(
        update(Listing)
        .where(col(Listing.id) == listing_id)
        .values(**columns, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )
