"""What may run in a workspace now: its own agents and published releases."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import new_id
from agent_platform.core.policy import LADDER, Caller
from agent_platform.models.agents import RUNNABLE_VERSIONS, Agent, AgentVersion, Channel
from agent_platform.models.catalogue import Listing, ListingState, Release, ReleaseState
from agent_platform.models.runs import Installation
from agent_platform.services import agents, audit, billing
from agent_platform.services.catalog.errors import AgentNotFound, AgentNotRunnable, PermissionsNotAccepted

OFFERED = frozenset({ListingState.PUBLISHED, ListingState.MAINTENANCE, ListingState.DEPRECATED})


@dataclass(frozen=True)
class Runnable:
    """Either an own version or a release of a publisher; `price` is the list a new run freezes."""

    agent_ref: str
    name: str
    version: str
    manifest: agents.Manifest
    price: dict[str, Any]
    history: billing.History
    own_version_id: UUID | None = None
    release_id: UUID | None = None
    listing_id: UUID | None = None
    publisher_tenant_id: UUID | None = None


def find_runnable(session: TenantSession, *, publisher: str, slug: str) -> Runnable:
    """Raises: AgentNotFound, AgentNotRunnable."""
    if publisher == session.execute(text("SELECT slug FROM app.tenants")).scalar_one():
        return _own(session, publisher, slug)
    return _released(session, publisher, slug)


def require_accepted(session: TenantSession, runnable: Runnable, *, caller: Caller, accept: bool) -> None:
    """Somebody of this workspace has accepted what the release may do, now or before. Raises: PermissionsNotAccepted.

    Members accept level low, admins any. A new release that asks for nothing more keeps the acceptance.
    """
    if runnable.release_id is None:
        return
    asked = runnable.manifest.permissions
    known = installation_of(session, listing_id=runnable.listing_id)
    if known is not None and known.accepted == asked:
        return
    if known is None and runnable.manifest.permission_level == "low":
        accept = True  # pressing Run beneath the sheet is the yes for an agent that reaches nothing
    if not accept:
        raise PermissionsNotAccepted(
            "This version asks for permissions nobody here has accepted. Nothing was charged. Read the sheet and accept it."
        )
    if runnable.manifest.permission_level != "low" and (
        caller.role is None or LADDER.index(caller.role) < LADDER.index("admin")
    ):
        raise PermissionsNotAccepted(
            "Only an admin may accept these permissions. Nothing was charged. Ask an admin of the workspace."
        )
    _accept(session, runnable, asked, caller)


def installation_of(session: TenantSession, *, listing_id: UUID | None) -> Installation | None:
    return session.execute(
        select(Installation).where(
            col(Installation.tenant_id) == session.tenant_id, col(Installation.listing_id) == listing_id
        )
    ).scalar_one_or_none()


def _accept(session: TenantSession, runnable: Runnable, asked: dict[str, Any], caller: Caller) -> None:
    session.execute(
        text(
            "INSERT INTO app.installations (tenant_id, id, listing_id, agent_ref, release_id, accepted, accepted_by_user_id)"
            " VALUES (:tenant, :id, :listing, :ref, :release, CAST(:accepted AS jsonb), :user) ON CONFLICT (tenant_id, listing_id) DO UPDATE"
            " SET release_id = excluded.release_id, accepted = excluded.accepted, accepted_by_user_id = excluded.accepted_by_user_id, updated_at = now()"
        ),
        {
            "tenant": session.tenant_id,
            "id": new_id(),
            "listing": runnable.listing_id,
            "ref": runnable.agent_ref,
            "release": runnable.release_id,
            "accepted": json.dumps(asked),
            "user": caller.user_id,
        },
    )
    audit.record(
        session,
        actor=caller.user_name,
        action="permissions.accepted",
        subject=runnable.agent_ref,
        version=runnable.version,
    )


def _own(session: TenantSession, publisher: str, slug: str) -> Runnable:
    row = session.execute(
        select(Agent, AgentVersion)
        .join(Channel, (col(Channel.tenant_id) == col(Agent.tenant_id)) & (col(Channel.agent_id) == col(Agent.id)))
        .join(
            AgentVersion,
            (col(AgentVersion.tenant_id) == col(Channel.tenant_id)) & (col(AgentVersion.id) == col(Channel.version_id)),
        )
        .where(col(Agent.tenant_id) == session.tenant_id, col(Agent.slug) == slug, col(Channel.name) == "stable")
    ).one_or_none()
    if row is None:
        raise AgentNotFound
    agent, version = row
    if agent.archived_at is not None:
        raise AgentNotRunnable(f"{agent.name} is archived. Restore it in its settings to run it.")
    if version.state not in RUNNABLE_VERSIONS:
        raise AgentNotRunnable(
            f"Version {version.number} of {agent.name} is {version.state}. Release a version that is ready."
        )
    manifest = manifest_of(version.digest, json.dumps(version.manifest, sort_keys=True))
    return Runnable(
        agent_ref=f"{publisher}/{slug}",
        name=manifest.name,
        version=version.number,
        manifest=manifest,
        price=billing.own_price(),
        history=billing.History(),
        own_version_id=version.id,
    )


def _released(session: TenantSession, publisher: str, slug: str) -> Runnable:
    row = session.execute(
        select(Listing, Release)
        .join(Release, col(Release.id) == col(Listing.release_id))
        .where(col(Listing.publisher) == publisher, col(Listing.slug) == slug)
    ).one_or_none()
    if row is None or row[0].state == ListingState.WITHDRAWN:
        raise AgentNotFound
    listing, release = row
    if listing.state not in OFFERED or release.state != ReleaseState.PUBLISHED:
        raise AgentNotRunnable(f"{listing.name} is {listing.state} and starts no new runs. Nothing was charged.")
    if listing.state == ListingState.DEPRECATED and installation_of(session, listing_id=listing.id) is None:
        raise AgentNotRunnable(f"{listing.name} is deprecated: only workspaces that use it already may run it.")
    manifest = manifest_of(release.digest, json.dumps(release.manifest, sort_keys=True))
    return Runnable(
        agent_ref=f"{publisher}/{slug}",
        name=listing.name,
        version=release.number,
        manifest=manifest,
        price=manifest.price,
        history=history_of(listing),
        release_id=release.id,
        listing_id=listing.id,
        publisher_tenant_id=release.tenant_id,
    )


def history_of(listing: Listing) -> billing.History:
    """Figures of real runs by others in the last 30 days."""
    return billing.History(listing.runs_30d, listing.cost_p50_micro_usd, listing.cost_p90_micro_usd, listing.median_ms)


@lru_cache(maxsize=512)
def manifest_of(digest: str, stored: str) -> agents.Manifest:
    """The manifest of stored JSON, read once per process and bundle."""
    del digest
    return agents.read_manifest(json.loads(stored))
