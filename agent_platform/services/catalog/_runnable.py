"""From an address to what would run: the tenant's own agent, or a published release within what the tenant has accepted."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Forbidden
from agent_platform.core.policy import Caller
from agent_platform.models.agents import Visibility
from agent_platform.models.catalogue import Listing, ListingState, Release, ReleaseState
from agent_platform.models.tenancy import Tenant
from agent_platform.models.trust import Suspension
from agent_platform.services import agents, billing
from agent_platform.services.catalog._installations import (
    InstallationFacts,
    accept_permissions,
    installation_of,
    may_accept,
)
from agent_platform.services.catalog._manifests import manifest_of
from agent_platform.services.catalog._permissions import PermissionFacts, asks_for_more, compared
from agent_platform.services.catalog.errors import (
    AgentNotFound,
    AgentNotRunnable,
    AgentSuspended,
    PermissionsNotAccepted,
)

OPEN = frozenset({ListingState.PUBLISHED, ListingState.MAINTENANCE})
LOW = "low"
NOT_AN_ADMIN = "Only an admin may accept these permissions. Nothing was charged. Ask an admin of the workspace."


@dataclass(frozen=True)
class Runnable:
    """Either an own version or a release of a publisher; `price` is the list a new run freezes.

    `needs_yes`: nobody here has accepted its permissions. `waiting_release_id` is a newer release that asks for more than was accepted.
    """

    agent_ref: str
    name: str
    version: str
    manifest: agents.Manifest
    price: dict[str, Any]
    history: billing.History = field(default_factory=billing.History)
    own_version_id: UUID | None = None
    release_id: UUID | None = None
    listing_id: UUID | None = None
    publisher_tenant_id: UUID | None = None
    visibility: str = Visibility.PUBLIC.value
    needs_yes: bool = False
    waiting_release_id: UUID | None = None


@dataclass(frozen=True)
class PermissionSheet:
    """What the newest version that is offered here may do, marked against the `accepted` one; both are numbers.

    `accepted` is empty where nothing was accepted yet, and where that very version runs. `waits`: it asks for more than was
    accepted, so runs stay with the accepted version until somebody says yes.
    """

    rows: list[PermissionFacts]
    level: str
    number: str
    accepted: str = ""
    waits: bool = False


def find_runnable(session: TenantSession, *, publisher: str, slug: str, number: str | None = None) -> Runnable:
    """`number` asks for one version instead of the stable or accepted one. Raises: AgentNotFound, AgentNotRunnable, AgentSuspended."""
    if session.get_one(Tenant, session.tenant_id).slug == publisher:
        return _own(session, publisher, slug, number)
    found = session.execute(
        select(Listing, col(Suspension.reason))
        .outerjoin(Suspension, col(Suspension.subject_id) == Listing.id)
        .where(col(Listing.publisher) == publisher, col(Listing.slug) == slug)
    ).one_or_none()
    if found is None or found[0].state == ListingState.WITHDRAWN:
        raise AgentNotFound
    listing, reason = found
    if reason is not None:
        raise AgentSuspended(listing.name, reason)
    installation = installation_of(session, listing_id=listing.id)
    state = listing.state if listing.state != ListingState.SUSPENDED else listing.suspended_from  # lifted a moment ago
    if state == ListingState.DEPRECATED and installation is None:
        raise AgentNotRunnable(f"{listing.name} is deprecated: only workspaces that use it already may run it.")
    if state not in OPEN | {ListingState.DEPRECATED}:
        raise AgentNotRunnable(
            f"{listing.name} is {state or listing.state} and starts no new runs. Nothing was charged."
        )
    return _released(session, listing, installation, number)


def require_accepted(session: TenantSession, runnable: Runnable, *, caller: Caller, accept: bool) -> None:
    """Returns if the caller may run it with what the workspace has accepted; `accept` says yes in passing.

    Pressing Run beneath the sheet is the yes for level low. Raises: PermissionsNotAccepted, Forbidden for a private agent of others.
    """
    if runnable.listing_id is None or runnable.release_id is None:
        _refuse_private(runnable, caller)
        return
    if not runnable.needs_yes:
        return
    level = runnable.manifest.permission_level
    if not (accept or level == LOW):
        raise PermissionsNotAccepted(
            "This version asks for permissions nobody here has accepted. Nothing was charged. Read the sheet and accept it."
        )
    if not may_accept(caller.role, level):
        raise PermissionsNotAccepted(NOT_AN_ADMIN)
    accept_permissions(session, listing_id=runnable.listing_id, release_id=runnable.release_id, by=caller.user_id)


def permission_sheet(session: TenantSession, runnable: Runnable) -> PermissionSheet:
    """What this workspace has said yes to, and what would be new or gone with the newest version."""
    listing_id = runnable.listing_id
    installation = installation_of(session, listing_id=listing_id) if listing_id is not None else None
    accepted = session.get(Release, installation.release_id) if installation else None
    newest = session.get_one(Release, runnable.waiting_release_id) if runnable.waiting_release_id else None
    manifest = manifest_of(newest.manifest) if newest else runnable.manifest
    is_same = accepted is None or accepted.id == (newest.id if newest else runnable.release_id)
    before = None if is_same or accepted is None else manifest_of(accepted.manifest)
    return PermissionSheet(
        rows=compared(manifest, before),
        level=manifest.permission_level,
        number=newest.number if newest else runnable.version,
        accepted="" if is_same or accepted is None else accepted.number,
        waits=newest is not None,
    )


def accept_newest(session: TenantSession, *, publisher: str, slug: str, caller: Caller) -> None:
    """Runs here use the version that waited for a yes. Raises: PermissionsNotAccepted for who may not say so, and as `find_runnable`."""
    runnable = find_runnable(session, publisher=publisher, slug=slug)
    if runnable.listing_id is None or runnable.waiting_release_id is None:
        return
    release = session.get_one(Release, runnable.waiting_release_id)
    if not may_accept(caller.role, manifest_of(release.manifest).permission_level):
        raise PermissionsNotAccepted(NOT_AN_ADMIN)
    accept_permissions(session, listing_id=runnable.listing_id, release_id=release.id, by=caller.user_id)


def history_of(listing: Listing) -> billing.History:
    """Figures of real runs by others in the last 30 days."""
    return billing.History(listing.runs_30d, listing.cost_p50_micro_usd, listing.cost_p90_micro_usd, listing.median_ms)


def _own(session: TenantSession, publisher: str, slug: str, number: str | None) -> Runnable:
    found = agents.find_runnable(session, slug=slug, number=number)
    if found is None:
        raise AgentNotFound
    agent, version = found
    if agent.archived_at is not None:
        raise AgentNotRunnable(f"{agent.name} is archived. Restore it in its settings to run it.")
    if version is None:
        which = f"version {number}" if number else "a version"
        raise AgentNotRunnable(f"{agent.name} has not {which} that is ready. Build one and make it stable.")
    manifest = manifest_of(version.manifest)
    return Runnable(
        agent_ref=f"{publisher}/{slug}",
        name=manifest.name,
        version=version.number,
        manifest=manifest,
        price=billing.own_price(),
        own_version_id=version.id,
        visibility=agent.visibility,
    )


def _released(
    session: TenantSession, listing: Listing, installation: InstallationFacts | None, number: str | None
) -> Runnable:
    release, waiting = _chosen(session, listing, installation, number)
    manifest = manifest_of(release.manifest)
    return Runnable(
        agent_ref=f"{listing.publisher}/{listing.slug}",
        name=manifest.name,
        version=release.number,
        manifest=manifest,
        price=manifest.price,
        history=history_of(listing),
        release_id=release.id,
        listing_id=listing.id,
        publisher_tenant_id=listing.tenant_id,
        visibility=listing.visibility,
        needs_yes=installation is None or asks_for_more(manifest.permissions, installation.accepted),
        waiting_release_id=waiting,
    )


def _chosen(
    session: TenantSession, listing: Listing, installation: InstallationFacts | None, number: str | None
) -> tuple[Release, UUID | None]:
    """The release of that number, else the listed one, else, while that waits for a yes, the one that was accepted."""
    if number is not None:
        return _published(session, listing, col(Release.number) == number), None
    listed = _published(session, listing, col(Release.id) == listing.release_id)
    wanted = manifest_of(listed.manifest).permissions
    if installation is None or not asks_for_more(wanted, installation.accepted):
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
        raise AgentNotRunnable(
            f"{listing.name} has no such version that starts new runs. Nothing was charged. Choose another."
        )
    return release


def _refuse_private(runnable: Runnable, caller: Caller) -> None:
    is_creator = caller.role in {"admin", "owner"} or "build" in caller.features
    if runnable.visibility == Visibility.PRIVATE and not is_creator:
        raise Forbidden(
            f"{runnable.name} is private to the creators of this workspace. Ask one of them to release it to everyone here."
        )
