"""What the studio shows, and what its forms do, each in one transaction."""

from datetime import UTC, datetime
from uuid import UUID

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import parse
from agent_platform.core.policy import Caller
from agent_platform.models.agents import Visibility
from agent_platform.services import agents, catalog, quality, runs, tenancy
from agent_platform.state._review import queue_address
from agent_platform.views.format import plain_text
from agent_platform.views.quality import quality_view
from agent_platform.views.studio import (
    SUSPENDED,
    VISIBILITY,
    AgentRowView,
    BuildView,
    StudioAgentView,
    agent_row,
    build_view,
    version_view,
)


def read_agents(session: TenantSession, *, archived: bool) -> list[AgentRowView]:
    now = datetime.now(UTC)
    return [agent_row(facts, now) for facts in agents.list_agents(session, archived=archived)]


def read_agent(session: TenantSession, *, slug: str, caller: Caller) -> StudioAgentView:
    """Raises: NotFound."""
    now = datetime.now(UTC)
    facts = agents.get_agent(session, slug=slug)
    versions = agents.list_versions(session, agent_id=facts.id)
    builds = agents.list_builds(session, version_id=versions[0].id) if versions else []
    address = f"{tenancy.get_workspace(session).slug}/{slug}"
    suspended = _suspended(session, facts.id)
    return StudioAgentView(
        id=str(facts.id),
        slug=slug,
        name=plain_text(facts.name),
        summary=plain_text(facts.summary),
        address=address,
        visibility=facts.visibility,
        visibility_words=SUSPENDED if suspended else VISIBILITY[facts.visibility],
        listed=facts.visibility in {Visibility.PUBLIC, Visibility.UNLISTED},
        archived=facts.archived_at is not None,
        page=f"/agents/{address}",
        versions=[version_view(version, now) for version in versions],
        build=build_view(builds[0], most_at_once=agents.most_at_once(session)) if builds else BuildView(),
        review_queue=queue_address(caller),
        quality=quality_view(quality.find_quality(session, listing_id=facts.id)),
        suspended=suspended,
    )


def _suspended(session: TenantSession, agent_id: UUID) -> str:
    found = catalog.suspension_of(session, agent_id)
    return plain_text(found.reason) if found else ""


def upload_bundle(session: TenantSession, *, file_id: str, caller: Caller) -> str:
    """The slug of the agent whose version is being built; the upload itself is not kept. Raises: ManifestInvalid, BundleRefused, VersionTaken."""
    with runs.open_upload(session, file_id=file_id) as content:
        version = agents.upload(session, content=content, by=caller.user_id)
    runs.discard_upload(session, file_id=file_id)
    return str(version.manifest["slug"])


def forget_upload(session: TenantSession, *, file_id: str) -> None:
    """A refused bundle leaves nothing behind."""
    runs.discard_upload(session, file_id=file_id)


def make_stable(session: TenantSession, *, slug: str, version: str, caller: Caller) -> None:
    """Raises: NotFound, Conflict, BreakingChange."""
    agent_id = agents.get_agent(session, slug=slug).id
    catalog.make_stable(session, agent_id=agent_id, version_id=parse("ver", version), by=caller.user_id)


def show_within(session: TenantSession, *, slug: str, visibility: str, caller: Caller) -> None:
    agent_id = agents.get_agent(session, slug=slug).id
    agents.show_within(session, agent_id=agent_id, visibility=visibility, by=caller.user_id)


def submit_version(session: TenantSession, *, version: str, visibility: str, message: str, caller: Caller) -> None:
    catalog.request_publication(
        session, version_id=parse("ver", version), visibility=visibility, message=message, by=caller.user_id
    )


def withdraw_request(session: TenantSession, *, request: str, caller: Caller) -> None:
    catalog.withdraw_request(session, request_id=parse("pub", request), by=caller.user_id)


def withdraw_agent(session: TenantSession, *, slug: str, caller: Caller) -> None:
    catalog.withdraw(session, agent_id=agents.get_agent(session, slug=slug).id, by=caller.user_id)


def set_archived(session: TenantSession, *, slug: str, archived: bool, caller: Caller) -> None:
    agent_id = agents.get_agent(session, slug=slug).id
    (agents.archive if archived else agents.unarchive)(session, agent_id=agent_id, by=caller.user_id)


def cancel_build(session: TenantSession, *, build: str, caller: Caller) -> None:
    """Raises: NotFound, StateMoved when it is over."""
    agents.cancel_build(session, build_id=parse("bld", build), by=caller.user_id)


def rebuild_version(session: TenantSession, *, version: str, caller: Caller) -> None:
    agents.rebuild(session, version_id=parse("ver", version), by=caller.user_id)
