"""A consumer's yes to what a release may do."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import new_id
from agent_platform.core.policy import LADDER
from agent_platform.models.catalogue import Listing, Release, ReleaseState
from agent_platform.models.installations import Installation
from agent_platform.services import audit
from agent_platform.services.catalog._manifests import manifest_of

LOWEST_TO_ACCEPT = {"low": "member", "medium": "admin", "high": "admin"}


@dataclass(frozen=True)
class InstallationFacts:
    """`accepted` are the permissions that somebody said yes to, for the release that was current then."""

    listing_id: UUID
    release_id: UUID
    agent_ref: str
    accepted: dict[str, Any]
    accepted_by: UUID | None


def accept_permissions(session: TenantSession, *, listing_id: UUID, release_id: UUID, by: UUID | None) -> None:
    """The workspace has accepted what this release may do; who may say so is `may_accept`. Raises: NotFound."""
    listing = session.get(Listing, listing_id)
    release = session.get(Release, release_id)
    if (
        listing is None
        or release is None
        or release.listing_id != listing_id
        or release.state != ReleaseState.PUBLISHED
    ):
        raise NotFound("This release does not exist any more. Reload the page.")
    manifest = manifest_of(release.manifest)
    accepted = {"release_id": release_id, "accepted": manifest.permissions, "accepted_by_user_id": by}
    session.execute(
        insert(Installation)
        .values(
            tenant_id=session.tenant_id,
            id=new_id(),
            listing_id=listing_id,
            agent_ref=f"{listing.publisher}/{listing.slug}",
            **accepted,
        )
        .on_conflict_do_update(index_elements=["tenant_id", "listing_id"], set_={**accepted, "updated_at": func.now()})
    )
    audit.record(
        session,
        actor=f"user:{by}" if by else "platform",
        action="permissions.accepted",
        subject=f"listing:{listing_id}",
        agent=f"{listing.publisher}/{listing.slug}",
        number=release.number,
        level=manifest.permission_level,
    )


def installation_of(session: TenantSession, *, listing_id: UUID) -> InstallationFacts | None:
    row = session.execute(
        select(Installation).where(
            col(Installation.tenant_id) == session.tenant_id, col(Installation.listing_id) == listing_id
        )
    ).scalar_one_or_none()
    if row is None:
        return None
    return InstallationFacts(row.listing_id, row.release_id, row.agent_ref, row.accepted, row.accepted_by_user_id)


def may_accept(role: str | None, level: str) -> bool:
    """A member accepts level low, an admin every level. Source: product specification, section 3, note 2."""
    lowest = LOWEST_TO_ACCEPT.get(level, "owner")
    return role is not None and LADDER.index(role) >= LADDER.index(lowest)
