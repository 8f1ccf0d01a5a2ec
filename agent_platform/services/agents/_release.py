"""Which version runs, and who may see the agent."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core import live
from agent_platform.core.db.rows import lock_row
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict, NotFound
from agent_platform.core.ids import new_id
from agent_platform.models.agents import (
    RUNNABLE_VERSIONS,
    Agent,
    AgentVersion,
    Channel,
    VersionState,
    Visibility,
)
from agent_platform.services import audit
from agent_platform.services.agents._states import move

STABLE = "stable"
WITHIN_WORKSPACE = (Visibility.PRIVATE.value, Visibility.TENANT.value)


def set_channel(
    session: TenantSession, *, agent_id: UUID, version_id: UUID, by: UUID | None, name: str = STABLE
) -> None:
    """Runs of this channel use the version from now on; earlier ones stay one click away. Raises: NotFound, Conflict."""
    agent, version = _pair(session, agent_id, version_id)
    _refuse_unready(version)
    _point(session, agent, version, name)
    _audit(session, by, "channel.moved", agent, channel=name, number=version.number)


def show_within(session: TenantSession, *, agent_id: UUID, visibility: str, by: UUID | None) -> None:
    """Its creators (`private`) or the whole workspace (`tenant`) may run the agent.

    Raises: NotFound, Conflict for an agent that is in the directory.
    """
    if visibility not in WITHIN_WORKSPACE:
        raise Conflict("Only private and tenant are set here; the directory needs a reviewer's yes.")
    agent = get_agent_row(session, agent_id)
    if agent.visibility not in WITHIN_WORKSPACE:
        raise Conflict(f"{agent.name} is in the directory. Withdraw it there before you narrow who sees it.")
    _show_to(session, agent, visibility)
    _audit(session, by, "agent.shown", agent, visibility=visibility)


def make_first_stable(session: TenantSession, version: AgentVersion) -> None:
    """A private agent without a stable version has this one; releasing is a step of its own only when there is a choice."""
    agent = session.get_one(Agent, (session.tenant_id, version.agent_id))
    has_one = session.execute(
        select(col(Channel.id)).where(
            col(Channel.tenant_id) == session.tenant_id,
            col(Channel.agent_id) == agent.id,
            col(Channel.name) == STABLE,
        )
    ).first()
    if has_one is None:
        _point(session, agent, version, STABLE)


def publish_within(session: TenantSession, *, agent_id: UUID, version_id: UUID, visibility: str) -> None:
    """Called by the publishing job: the agent is unlisted or public, and the approved version its stable one."""
    agent, version = _pair(session, agent_id, version_id)
    _point(session, agent, version, STABLE)
    _show_to(session, agent, visibility)


def take_back(session: TenantSession, *, agent_id: UUID, by: UUID | None) -> None:
    """The agent is visible within its workspace only; the publishing job then withdraws the listing."""
    agent = get_agent_row(session, agent_id)
    _show_to(session, agent, Visibility.TENANT.value)
    _audit(session, by, "listing.withdrawn", agent)


def archive(session: TenantSession, *, agent_id: UUID, by: UUID | None) -> None:
    """The agent takes no runs and no versions and leaves the lists; nothing is deleted. Raises: NotFound, Conflict."""
    agent = get_agent_row(session, agent_id)
    if agent.visibility not in WITHIN_WORKSPACE:
        raise Conflict(f"{agent.name} is in the directory. Withdraw it there before you archive it.")
    _set_archived(session, agent, func.now())
    _audit(session, by, "agent.archived", agent)


def unarchive(session: TenantSession, *, agent_id: UUID, by: UUID | None) -> None:
    """The agent is back as it was."""
    agent = get_agent_row(session, agent_id)
    _set_archived(session, agent, None)
    _audit(session, by, "agent.restored", agent)


def yank(session: TenantSession, *, version_id: UUID, reason: str, by: UUID | None) -> AgentVersion:
    """No run starts with this version any more. Raises: NotFound, StateMoved, Conflict without a reason or for the stable one."""
    version = lock_row(session, AgentVersion, version_id, called="version")
    if not reason.strip():
        raise Conflict("Say why the version is yanked; people who use it are told.")
    agent = get_agent_row(session, version.agent_id)
    if _stable_version_id(session, agent) == version.id:
        raise Conflict(f"{version.number} is the stable version of {agent.name}. Make another one stable first.")
    move(session, version, VersionState.YANKED)
    _audit(session, by, "version.yanked", agent, number=version.number, reason=reason.strip()[:500])
    return version


def get_agent_row(session: TenantSession, agent_id: UUID) -> Agent:
    """Locked until commit. Raises: NotFound."""
    return lock_row(session, Agent, agent_id, called="agent")


def _pair(session: TenantSession, agent_id: UUID, version_id: UUID) -> tuple[Agent, AgentVersion]:
    agent = get_agent_row(session, agent_id)
    version = session.get(AgentVersion, (session.tenant_id, version_id))
    if version is None or version.agent_id != agent.id:
        raise NotFound("This version does not exist, or it belongs to another agent.")
    return agent, version


def _refuse_unready(version: AgentVersion) -> None:
    if version.state not in RUNNABLE_VERSIONS:
        state = version.state.replace("_", " ")
        raise Conflict(f"Version {version.number} is {state}, so it cannot run. Choose one that is ready.")


def _stable_version_id(session: TenantSession, agent: Agent) -> UUID | None:
    return session.execute(
        select(col(Channel.version_id)).where(
            col(Channel.tenant_id) == session.tenant_id,
            col(Channel.agent_id) == agent.id,
            col(Channel.name) == STABLE,
        )
    ).scalar_one_or_none()


def _point(session: TenantSession, agent: Agent, version: AgentVersion, name: str) -> None:
    session.execute(
        insert(Channel)
        .values(tenant_id=session.tenant_id, id=new_id(), agent_id=agent.id, name=name, version_id=version.id)
        .on_conflict_do_update(
            index_elements=["tenant_id", "agent_id", "name"],
            set_={"version_id": version.id, "updated_at": func.now()},
        )
    )
    session.execute(
        update(Agent)
        .where(col(Agent.tenant_id) == session.tenant_id, col(Agent.id) == agent.id)
        .values(name=version.manifest["name"], updated_at=func.now())
    )
    live.publish_after_commit(session, f"agents:{session.tenant_id}")


def _show_to(session: TenantSession, agent: Agent, visibility: str) -> None:
    session.execute(
        update(Agent)
        .where(col(Agent.tenant_id) == session.tenant_id, col(Agent.id) == agent.id)
        .values(visibility=visibility, updated_at=func.now())
    )
    live.publish_after_commit(session, f"agents:{session.tenant_id}")


def _set_archived(session: TenantSession, agent: Agent, moment: object) -> None:
    session.execute(
        update(Agent)
        .where(col(Agent.tenant_id) == session.tenant_id, col(Agent.id) == agent.id)
        .values(archived_at=moment, updated_at=func.now())
    )
    live.publish_after_commit(session, f"agents:{session.tenant_id}")


def _audit(session: TenantSession, by: UUID | None, action: str, agent: Agent, **detail: object) -> None:
    actor = f"user:{by}" if by else "platform"
    audit.record(session, actor=actor, action=action, subject=f"agent:{agent.id}", slug=agent.slug, **detail)
