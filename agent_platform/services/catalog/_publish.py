"""The jobs that write the catalogue: read as the creator's tenant, write as the publisher, repeatable by the id of the request."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from agent_platform.core import objects
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.agents import (
    Agent,
    AgentVersion,
    PublicationRequest,
    RequestState,
    VersionState,
    Visibility,
)
from agent_platform.models.tenancy import Tenant
from agent_platform.services import agents, audit
from agent_platform.services.catalog._shelf import Approved, withdraw_listing, write_release, yank_releases


def publish(*, tenant_id: UUID, request_id: UUID) -> UUID | None:
    """The approved version is a release, listed with its bundle; the release's id. None if the request is not approved. Repeating changes nothing."""
    approved = _read(tenant_id, request_id)
    if approved is None:
        return None
    objects.copy(objects.tenant_folder(tenant_id), objects.release_folder(), approved.digest)
    with publisher_session() as session:
        is_new, is_listed = write_release(session, approved)
    with tenant_session(tenant_id) as session:
        if is_listed:
            agents.publish_within(
                session,
                agent_id=approved.agent_id,
                version_id=approved.version_id,
                visibility=approved.visibility,
            )
        if is_new:
            audit.record(
                session,
                actor="platform",
                action="release.published",
                subject=f"agent:{approved.agent_id}",
                number=approved.number,
                digest=approved.digest,
            )
    return request_id


def sync_listing(*, tenant_id: UUID, agent_id: UUID) -> None:
    """Releases of yanked versions are yanked, and the listing of an agent that was taken back is withdrawn."""
    with tenant_session(tenant_id) as session:
        agent = session.get(Agent, (tenant_id, agent_id))
        if agent is None:
            return
        is_listed = agent.visibility in {Visibility.UNLISTED, Visibility.PUBLIC}
        yanked = list(
            session.execute(
                select(col(AgentVersion.number)).where(
                    col(AgentVersion.tenant_id) == tenant_id,
                    col(AgentVersion.agent_id) == agent_id,
                    col(AgentVersion.state) == VersionState.YANKED.value,
                )
            ).scalars()
        )
    with publisher_session() as session:
        yank_releases(session, agent_id, yanked)
        if not is_listed:
            withdraw_listing(session, agent_id)


def _read(tenant_id: UUID, request_id: UUID) -> Approved | None:
    with tenant_session(tenant_id) as session:
        request = session.get(PublicationRequest, (tenant_id, request_id))
        if request is None or request.state != RequestState.APPROVED:
            return None
        version = session.get_one(AgentVersion, (tenant_id, request.version_id))
        if version.state != VersionState.APPROVED:
            return None
        tenant = session.get_one(Tenant, tenant_id)
        return Approved(
            request_id=request.id,
            visibility=request.visibility,
            agent_id=request.agent_id,
            version_id=version.id,
            number=version.number,
            digest=version.digest,
            readme=version.readme,
            changelog=version.changelog,
            manifest=agents.manifest_of(version),
            spec=agents.execution_spec(version) | {"folder": objects.release_folder()},
            tenant_id=tenant_id,
            handle=tenant.slug,
            publisher_name=tenant.name,
            is_verified=tenant.is_verified,
        )
