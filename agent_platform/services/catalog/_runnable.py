"""From an address to what would run: the tenant's own agent, or a published release within what the tenant has accepted."""

from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Forbidden, NotFound
from agent_platform.core.policy import Caller
from agent_platform.models.agents import Visibility
from agent_platform.models.catalogue import Listing, ListingState, Release, ReleaseState
from agent_platform.models.tenancy import Tenant
from agent_platform.services import agents, billing
from agent_platform.services.catalog._installations import (
    InstallationFacts,
    accept_permissions,
    installation_of,
    may_accept,
)
from agent_platform.services.catalog._permissions import asks_for_more
from agent_platform.services.catalog.errors import PermissionsNotAccepted

OPEN = frozenset({ListingState.PUBLISHED, ListingState.MAINTENANCE})
NO_AGENT = "There is no such agent, or it cannot be run. Look for another in the directory."


@dataclass(frozen=True)
class Runnable:
    """Either `own_version_id` or `release_id` is set. `manifest` is public; `needs_yes`: nobody here has accepted its permissions.

    `waiting_release_id` is a newer release that asks for more than was accepted.
    """

    agent_ref: str
    name: str
    version: str
    manifest: dict[str, Any]
    price: dict[str, Any]
    resources: dict[str, Any]
    own_version_id: UUID | None = None
    release_id: UUID | None = None
    publisher_tenant_id: UUID | None = None
    listing_id: UUID | None = None
    permission_level: str = "low"
    visibility: str = Visibility.PUBLIC.value
    needs_yes: bool = False
    waiting_release_id: UUID | None = None
    history: billing.History = field(default_factory=billing.History)


def find_runnable(session: TenantSession, *, publisher: str, slug: str, number: str | None = None) -> Runnable:
    """`number` asks for one version instead of the stable or accepted one. Raises: NotFound, alike for missing, withdrawn and foreign."""
    own = session.get_one(Tenant, session.tenant_id)
    if own.slug == publisher:
        return _own(session, publisher, slug, number)
    listing = session.execute(
        select(Listing).where(col(Listing.publisher) == publisher, col(Listing.slug) == slug)
    ).scalar_one_or_none()
    if listing is None:
        raise NotFound(NO_AGENT)
    installation = installation_of(session, tenant_id=session.tenant_id, listing_id=listing.id)
    if listing.state not in OPEN and not (listing.state == ListingState.DEPRECATED and installation):
        raise NotFound(NO_AGENT)
    return _released(session, listing, installation, number)


def require_accepted(session: TenantSession, runnable: Runnable, *, caller: Caller, accept: bool) -> None:
    """Returns if the caller may run it with what the workspace has accepted; `accept` says yes in passing.

    Raises: PermissionsNotAccepted, Forbidden for a private agent of others in the workspace.
    """
    if runnable.own_version_id is not None:
        _refuse_private(runnable, caller)
        return
    if not runnable.needs_yes:
        return
    level = runnable.permission_level
    if not may_accept(caller.role, level):
        raise PermissionsNotAccepted(
            f"{runnable.name} asks for permissions of level {level} that nobody here has accepted. Nothing was charged. Ask an admin of the workspace to accept them."
        )
    if not accept:
        raise PermissionsNotAccepted(
            f"{runnable.name} asks for permissions that nobody here has accepted. Nothing was charged. Read what it may do, accept it and run again."
        )
    if runnable.listing_id is None or runnable.release_id is None:
        raise NotFound(NO_AGENT)
    accept_permissions(session, listing_id=runnable.listing_id, release_id=runnable.release_id, by=caller.user_id)


def _own(session: TenantSession, publisher: str, slug: str, number: str | None) -> Runnable:
    found = agents.find_runnable_version(session, slug=slug, number=number)
    if found is None:
        raise NotFound(NO_AGENT)
    agent, version = found
    manifest = agents.manifest_of(version)
    return Runnable(
        agent_ref=f"{publisher}/{slug}",
        name=manifest.name,
        version=version.number,
        manifest=agents.public_manifest(manifest),
        price=billing.own_price(),
        resources=asdict(manifest.resources),
        own_version_id=version.id,
        permission_level=manifest.permission_level,
        visibility=agent.visibility,
    )


def _released(
    session: TenantSession, listing: Listing, installation: InstallationFacts | None, number: str | None
) -> Runnable:
    release, waiting = _chosen(session, listing, installation, number)
    manifest = release.manifest
    accepted = installation.permissions if installation else None
    return Runnable(
        agent_ref=f"{listing.publisher}/{listing.slug}",
        name=manifest["name"],
        version=release.number,
        manifest=manifest,
        price=manifest["price"],
        resources=manifest["resources"],
        release_id=release.id,
        publisher_tenant_id=listing.tenant_id,
        listing_id=listing.id,
        permission_level=manifest["permission_level"],
        visibility=listing.visibility,
        needs_yes=accepted is None or asks_for_more(manifest["permissions"], accepted),
        waiting_release_id=waiting,
        history=billing.History(
            runs=listing.runs_30d,
            p50_micro_usd=listing.cost_p50_micro_usd,
            p90_micro_usd=listing.cost_p90_micro_usd,
            p50_ms=listing.median_ms,
        ),
    )


def _chosen(
    session: TenantSession, listing: Listing, installation: InstallationFacts | None, number: str | None
) -> tuple[Release, UUID | None]:
    """The release of that number, else the listed one, else, while it waits for a yes, the one that was accepted."""
    if number is not None:
        return _published(session, listing, col(Release.number) == number), None
    listed = _published(session, listing, col(Release.id) == listing.release_id)
    if installation is None or not asks_for_more(listed.manifest["permissions"], installation.permissions):
        return listed, None
    accepted = session.get(Release, installation.release_id)
    if accepted is None or accepted.state != ReleaseState.PUBLISHED:
        return listed, None
    return accepted, listed.id


def _published(session: TenantSession, listing: Listing, which: Any) -> Release:
    release = session.execute(
        select(Release).where(
            which, col(Release.listing_id) == listing.id, col(Release.state) == ReleaseState.PUBLISHED.value
        )
    ).scalar_one_or_none()
    if release is None:
        raise NotFound(NO_AGENT)
    return release


def _refuse_private(runnable: Runnable, caller: Caller) -> None:
    is_creator = caller.role in {"admin", "owner"} or "build" in caller.features
    if runnable.visibility == Visibility.PRIVATE and not is_creator:
        raise Forbidden(
            f"{runnable.name} is private to the creators of this workspace. Ask one of them to release it to everyone here."
        )
