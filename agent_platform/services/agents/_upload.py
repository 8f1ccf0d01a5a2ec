"""A bundle becomes a version and a build, or is refused with nothing stored."""

from pathlib import Path
from typing import IO, Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core import live, objects
from agent_platform.core.db.rows import lock_row
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import new_id
from agent_platform.models.agents import Agent, AgentVersion, Build, VersionState
from agent_platform.services import audit
from agent_platform.services.agents._archive import MOST_UNPACKED_BYTES
from agent_platform.services.agents._bundle import Bundle, chunks_of, packed_bundle
from agent_platform.services.agents._states import move
from agent_platform.services.agents._versions import next_free
from agent_platform.services.agents._wake import check_later, wake_builder
from agent_platform.services.agents.errors import AgentArchived, VersionTaken


def upload(session: TenantSession, *, content: Path | bytes | IO[bytes], by: UUID | None) -> AgentVersion:
    """The version exists and its build is queued; a first upload makes the agent too. The same bundle again returns the same version.

    A version whose build failed takes new content under its number. Raises: BundleRefused, BundleTooLarge, ManifestInvalid, VersionTaken.
    """
    with packed_bundle(content) as (bundle, packed):  # before the first query: checking may take seconds
        agent = _agent_for(session, bundle, by)
        version = _find_version(session, agent, bundle)
        if version is not None and version.digest == bundle.digest:
            return version
        if version is not None and version.state != VersionState.BUILD_FAILED:
            raise _taken(session, agent, bundle)
        objects.put(objects.tenant_folder(session.tenant_id), chunks_of(packed), most_bytes=MOST_UNPACKED_BYTES)
    version = _replaced(session, version, bundle, by) if version else _created(session, agent, bundle, by)
    _queue_build(session, version, by)
    return version


def rebuild(session: TenantSession, *, version_id: UUID, by: UUID | None) -> Build:
    """Another build of the same content is queued, after one that did not end well. Raises: NotFound, StateMoved."""
    version = lock_row(session, AgentVersion, version_id, called="version")
    move(session, version, VersionState.DRAFT)
    return _queue_build(session, version, by)


def _agent_for(session: TenantSession, bundle: Bundle, by: UUID | None) -> Agent:
    """The agent of this slug, made if need be and locked, so that two uploads of one number cannot pass each other."""
    manifest = bundle.manifest
    values: dict[str, Any] = {"tenant_id": session.tenant_id, "id": new_id(), "slug": manifest.slug}
    made = session.execute(
        insert(Agent)
        .values(**values, name=manifest.name, visibility="private", created_by_user_id=by)
        .on_conflict_do_nothing(index_elements=["tenant_id", "slug"])
        .returning(col(Agent.id))
    ).scalar_one_or_none()
    agent = session.execute(
        select(Agent)
        .where(col(Agent.tenant_id) == session.tenant_id, col(Agent.slug) == manifest.slug)
        .with_for_update()
    ).scalar_one()
    if made is not None:
        _audit(session, by, "agent.created", f"agent:{agent.id}", slug=agent.slug)
    if agent.archived_at is not None:
        raise AgentArchived(f"{agent.name} is archived. Nothing was stored. Restore it, then upload again.")
    return agent


def _find_version(session: TenantSession, agent: Agent, bundle: Bundle) -> AgentVersion | None:
    return session.execute(
        select(AgentVersion)
        .where(
            col(AgentVersion.tenant_id) == session.tenant_id,
            col(AgentVersion.agent_id) == agent.id,
            col(AgentVersion.number) == bundle.manifest.version,
        )
        .with_for_update()
    ).scalar_one_or_none()


def _taken(session: TenantSession, agent: Agent, bundle: Bundle) -> VersionTaken:
    number = bundle.manifest.version
    taken = session.execute(
        select(col(AgentVersion.number)).where(
            col(AgentVersion.tenant_id) == session.tenant_id, col(AgentVersion.agent_id) == agent.id
        )
    ).scalars()
    free = next_free(number, list(taken))
    return VersionTaken(
        f"Version {number} of {agent.slug} exists with other content, and versions never change. "
        f"Nothing was stored. Write version: {free} in agent.yaml and upload again."
    )


def _created(session: TenantSession, agent: Agent, bundle: Bundle, by: UUID | None) -> AgentVersion:
    version = AgentVersion(
        tenant_id=session.tenant_id,
        agent_id=agent.id,
        number=bundle.manifest.version,
        created_by_user_id=by,
        **_content(bundle),
    )
    session.add(version)
    session.flush()
    _audit(session, by, "version.uploaded", f"version:{version.id}", slug=agent.slug, number=version.number)
    return version


def _replaced(session: TenantSession, version: AgentVersion, bundle: Bundle, by: UUID | None) -> AgentVersion:
    """The table's step from build_failed back to draft, with the edited content."""
    move(session, version, VersionState.DRAFT)
    session.execute(
        update(AgentVersion)
        .where(col(AgentVersion.tenant_id) == session.tenant_id, col(AgentVersion.id) == version.id)
        .values(**_content(bundle))
        .execution_options(synchronize_session=False)
    )
    session.refresh(version)
    _audit(session, by, "version.replaced", f"version:{version.id}", number=version.number)
    return version


def _content(bundle: Bundle) -> dict[str, Any]:
    return {
        "manifest": bundle.manifest.raw,
        "manifest_text": bundle.manifest_text,
        "digest": bundle.digest,
        "bundle_bytes": bundle.bytes,
        "readme": bundle.readme,
        "changelog": bundle.changelog,
    }


def _queue_build(session: TenantSession, version: AgentVersion, by: UUID | None) -> Build:
    number = session.execute(
        select(func.coalesce(func.max(Build.number), 0) + 1).where(
            col(Build.tenant_id) == session.tenant_id, col(Build.version_id) == version.id
        )
    ).scalar_one()
    build = Build(tenant_id=session.tenant_id, version_id=version.id, number=number)
    session.add(build)
    session.flush()
    move(session, version, VersionState.BUILDING)
    _audit(session, by, "build.queued", f"build:{build.id}", version_id=str(version.id), number=number)
    wake_builder(session, build.id)
    check_later(session, build.id)
    live.publish_after_commit(session, f"builds:{session.tenant_id}")
    return build


def _audit(session: TenantSession, by: UUID | None, action: str, subject: str, **detail: Any) -> None:
    audit.record(session, actor=f"user:{by}" if by else "platform", action=action, subject=subject, **detail)
