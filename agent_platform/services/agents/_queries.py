"""What pages and other domains read of a tenant's agents."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound
from agent_platform.models.agents import (
    RUNNABLE_VERSIONS,
    Agent,
    AgentVersion,
    Build,
    Channel,
    PublicationRequest,
)
from agent_platform.services.agents._facts import AgentFacts, BuildFacts, VersionFacts
from agent_platform.services.agents._release import STABLE
from agent_platform.services.agents._versions import number_of

NO_AGENT = "This agent does not exist, or it belongs to another workspace."
NO_VERSION = "This version does not exist, or it belongs to another workspace."


def list_agents(session: TenantSession, *, archived: bool = False) -> list[AgentFacts]:
    """By name. The archived ones are a list of their own."""
    wanted = col(Agent.archived_at).is_not(None) if archived else col(Agent.archived_at).is_(None)
    agents = session.execute(
        select(Agent).where(col(Agent.tenant_id) == session.tenant_id, wanted).order_by(col(Agent.name), col(Agent.id))
    ).scalars()
    return _facts(session, list(agents))


def get_agent(session: TenantSession, *, slug: str) -> AgentFacts:
    """Raises: NotFound."""
    facts = find_agent(session, slug=slug)
    if facts is None:
        raise NotFound(NO_AGENT)
    return facts


def find_agent(session: TenantSession, *, slug: str) -> AgentFacts | None:
    agent = session.execute(
        select(Agent).where(col(Agent.tenant_id) == session.tenant_id, col(Agent.slug) == slug)
    ).scalar_one_or_none()
    return _facts(session, [agent])[0] if agent else None


def list_versions(session: TenantSession, *, agent_id: UUID) -> list[VersionFacts]:
    """The highest number first, each with its newest build and request for publication."""
    versions = session.execute(
        select(AgentVersion).where(
            col(AgentVersion.tenant_id) == session.tenant_id, col(AgentVersion.agent_id) == agent_id
        )
    ).scalars()
    stable = _stable_ids(session)
    builds = _newest_builds(session, agent_id)
    requests = _newest_requests(session, agent_id)
    found = []
    for version in versions:
        request = requests.get(version.id)
        more = (
            {"request_id": request.id, "request_state": request.state, "request_note": request.decision_note}
            if request
            else {}
        )
        is_stable = stable.get(agent_id) == version.id
        found.append(VersionFacts.of(version, is_stable=is_stable, build=builds.get(version.id), **more))
    return sorted(found, key=lambda version: number_of(version.number), reverse=True)


def get_version(session: TenantSession, *, version_id: UUID) -> AgentVersion:
    """Raises: NotFound."""
    version = session.get(AgentVersion, (session.tenant_id, version_id))
    if version is None:
        raise NotFound(NO_VERSION)
    return version


def list_builds(session: TenantSession, *, version_id: UUID) -> list[BuildFacts]:
    """The newest first, each with its whole log."""
    builds = session.execute(
        select(Build)
        .where(col(Build.tenant_id) == session.tenant_id, col(Build.version_id) == version_id)
        .order_by(col(Build.number).desc())
    ).scalars()
    return [BuildFacts.of(build) for build in builds]


def get_build(session: TenantSession, *, build_id: UUID) -> BuildFacts:
    """Raises: NotFound."""
    build = session.get(Build, (session.tenant_id, build_id))
    if build is None:
        raise NotFound("This build does not exist, or it belongs to another workspace.")
    return BuildFacts.of(build)


def find_runnable(
    session: TenantSession, *, slug: str, number: str | None = None
) -> tuple[Agent, AgentVersion | None] | None:
    """The agent, and its stable version or the one of that number if it may run."""
    wanted = col(AgentVersion.id) == col(Channel.version_id) if number is None else col(AgentVersion.number) == number
    found = session.execute(
        select(Agent, AgentVersion)
        .outerjoin(
            Channel,
            (col(Channel.tenant_id) == col(Agent.tenant_id))
            & (col(Channel.agent_id) == col(Agent.id))
            & (col(Channel.name) == STABLE),
        )
        .outerjoin(
            AgentVersion,
            (col(AgentVersion.tenant_id) == col(Agent.tenant_id))
            & (col(AgentVersion.agent_id) == col(Agent.id))
            & col(AgentVersion.state).in_([state.value for state in RUNNABLE_VERSIONS])
            & wanted,
        )
        .where(col(Agent.tenant_id) == session.tenant_id, col(Agent.slug) == slug)
    ).one_or_none()
    return (found[0], found[1]) if found else None


def _facts(session: TenantSession, agents: list[Agent]) -> list[AgentFacts]:
    stable = _stable_ids(session)
    wanted = [agent.id for agent in agents]
    by_agent: dict[UUID, list[AgentVersion]] = {agent_id: [] for agent_id in wanted}
    for version in session.execute(
        select(AgentVersion).where(
            col(AgentVersion.tenant_id) == session.tenant_id, col(AgentVersion.agent_id).in_(wanted)
        )
    ).scalars():
        by_agent[version.agent_id].append(version)
    return [_agent_facts(agent, by_agent[agent.id], stable.get(agent.id)) for agent in agents]


def _agent_facts(agent: Agent, versions: list[AgentVersion], stable_id: UUID | None) -> AgentFacts:
    latest = max(versions, key=lambda version: number_of(version.number), default=None)
    stable = next((version for version in versions if version.id == stable_id), None)
    shown = stable or latest
    return AgentFacts(
        id=agent.id,
        slug=agent.slug,
        name=agent.name,
        summary=shown.manifest.get("summary", "") if shown else "",
        category=shown.manifest.get("category", "other") if shown else "other",
        visibility=agent.visibility,
        created_at=agent.created_at,
        archived_at=agent.archived_at,
        stable=stable.number if stable else None,
        stable_version_id=stable.id if stable else None,
        latest=latest.number if latest else None,
        latest_version_id=latest.id if latest else None,
        latest_state=latest.state if latest else None,
        versions=len(versions),
    )


def _stable_ids(session: TenantSession) -> dict[UUID, UUID]:
    rows = session.execute(
        select(col(Channel.agent_id), col(Channel.version_id)).where(
            col(Channel.tenant_id) == session.tenant_id, col(Channel.name) == STABLE
        )
    )
    return {row.agent_id: row.version_id for row in rows}


def _newest_builds(session: TenantSession, agent_id: UUID) -> dict[UUID, Build]:
    rows = session.execute(
        select(Build)
        .join(
            AgentVersion, (col(AgentVersion.tenant_id) == Build.tenant_id) & (col(AgentVersion.id) == Build.version_id)
        )
        .where(col(Build.tenant_id) == session.tenant_id, col(AgentVersion.agent_id) == agent_id)
        .order_by(col(Build.number))
    ).scalars()
    return {build.version_id: build for build in rows}


def _newest_requests(session: TenantSession, agent_id: UUID) -> dict[UUID, PublicationRequest]:
    rows = session.execute(
        select(PublicationRequest)
        .where(col(PublicationRequest.tenant_id) == session.tenant_id, col(PublicationRequest.agent_id) == agent_id)
        .order_by(col(PublicationRequest.created_at), col(PublicationRequest.id))
    ).scalars()
    return {request.version_id: request for request in rows}
