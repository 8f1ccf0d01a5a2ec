"""From a built version to a reviewer's decision. What happens in the catalogue afterwards is a job's work (`_publish`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from agent_platform.core import live, outbox
from agent_platform.core.db.rows import lock_row
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict, NotFound
from agent_platform.models.agents import (
    Agent,
    AgentVersion,
    PublicationRequest,
    RequestState,
    VersionState,
    Visibility,
)
from agent_platform.models.catalogue import Listing, ListingState, Release
from agent_platform.services import agents, audit, billing
from agent_platform.services.catalog._compatibility import breaking_changes
from agent_platform.services.catalog._manifests import manifest_of
from agent_platform.services.catalog.errors import BreakingChange, PublicationRefused

Decision = Literal["approve", "request_changes", "reject"]
LISTED = (Visibility.UNLISTED.value, Visibility.PUBLIC.value)
DECIDED: dict[Decision, tuple[RequestState, VersionState]] = {
    "approve": (RequestState.APPROVED, VersionState.APPROVED),
    "request_changes": (RequestState.CHANGES_REQUESTED, VersionState.CHANGES_REQUESTED),
    "reject": (RequestState.REJECTED, VersionState.REJECTED),
}
MOST_NOTE = 2_000
PUBLISH_KIND = "publication.approved"
SYNC_KIND = "listing.changed"


@dataclass(frozen=True)
class RequestFacts:
    """A request for publication with what its reviewer needs to know."""

    id: UUID
    agent_id: UUID
    version_id: UUID
    slug: str
    name: str
    number: str
    visibility: str
    state: str
    message: str
    note: str
    created_at: datetime
    decided_at: datetime | None
    by: UUID | None


def request_publication(
    session: TenantSession, *, version_id: UUID, visibility: str, message: str, by: UUID | None
) -> UUID:
    """The version waits for a reviewer; the id of the request. Raises: PublicationRefused, BreakingChange, PriceModelNotAvailable, NotFound, StateMoved."""
    version = lock_row(session, AgentVersion, version_id, called="version")
    agent = session.get_one(Agent, (session.tenant_id, version.agent_id))
    if visibility not in LISTED:
        raise PublicationRefused("Choose unlisted or public; the other two need no reviewer.")
    if agent.archived_at is not None:
        raise PublicationRefused(f"{agent.name} is archived. Restore it before you publish it.")
    billing.refuse_unchargeable(manifest_of(version.manifest).price)
    _refuse_listing(session, agent, version)
    agents.move(session, version, VersionState.IN_REVIEW)
    request = PublicationRequest(
        tenant_id=session.tenant_id,
        agent_id=agent.id,
        version_id=version.id,
        visibility=visibility,
        message=message.strip()[:MOST_NOTE],
        requested_by_user_id=by,
    )
    session.add(request)
    session.flush()
    _audit(session, by, "publication.requested", request, number=version.number, visibility=visibility)
    return request.id


def settle_request(
    session: TenantSession, *, request_id: UUID, decision: Decision, note: str, by: UUID | None, **detail: object
) -> RequestFacts:
    """Request and version have the answer; an approved one is published by a job right after. Who may give it is decided before.

    `by` None is the installation itself. Raises: NotFound, StateMoved, Conflict for an answer without a reason.
    """
    request = lock_row(session, PublicationRequest, request_id, called="request")
    version = lock_row(session, AgentVersion, request.version_id, called="version")
    if decision != "approve" and not note.strip():
        raise Conflict("Say what has to change; the creator reads it.")
    request_state, version_state = DECIDED[decision]
    now = session.execute(select(func.now())).scalar_one()
    decided = {"decided_by_user_id": by, "decided_at": now, "decision_note": note.strip()[:MOST_NOTE]}
    agents.move(session, request, request_state, **decided)
    agents.move(session, version, version_state)
    _audit(session, by, f"publication.{request_state.value}", request, number=version.number, **detail)
    if decision == "approve":
        outbox.put(session, PUBLISH_KIND, request_id=request.id)
    return get_request(session, request_id=request_id)


def withdraw_request(session: TenantSession, *, request_id: UUID, by: UUID | None) -> None:
    """Nobody reviews it any more; the version is ready as before. Raises: NotFound, StateMoved."""
    request = lock_row(session, PublicationRequest, request_id, called="request")
    version = lock_row(session, AgentVersion, request.version_id, called="version")
    agents.move(session, request, RequestState.WITHDRAWN)
    agents.move(session, version, VersionState.READY)
    _audit(session, by, "publication.withdrawn", request, number=version.number)


def withdraw(session: TenantSession, *, agent_id: UUID, by: UUID | None) -> None:
    """The agent leaves the directory for good, as soon as the job has run; runs that are under way end as usual.

    Raises: NotFound, PublicationRefused when it is not listed.
    """
    agent = session.get(Agent, (session.tenant_id, agent_id))
    if agent is None:
        raise NotFound("This agent does not exist, or it belongs to another workspace.")
    if agent.visibility not in LISTED:
        raise PublicationRefused(f"{agent.name} is not in the directory, so there is nothing to withdraw.")
    agents.take_back(session, agent_id=agent_id, by=by)
    ask_for_sync(session, agent_id)


def yank(session: TenantSession, *, version_id: UUID, reason: str, by: UUID | None) -> None:
    """No new run uses the version, here or by consumers. Raises: NotFound, StateMoved, Conflict."""
    version = agents.yank(session, version_id=version_id, reason=reason, by=by)
    ask_for_sync(session, version.agent_id)


def make_stable(session: TenantSession, *, agent_id: UUID, version_id: UUID, by: UUID | None) -> None:
    """Runs in this workspace use the version from now on. The way back to an earlier one is always open.

    Raises: NotFound, Conflict, BreakingChange.
    """
    version = agents.get_version(session, version_id=version_id)
    stable = next((one for one in agents.list_versions(session, agent_id=agent_id) if one.is_stable), None)
    if stable is not None and agents.number_of(version.number) > agents.number_of(stable.number):
        refuse_breaking(stable.number, agents.get_version(session, version_id=stable.id).manifest, version)
    agents.set_channel(session, agent_id=agent_id, version_id=version_id, by=by)


def refuse_breaking(number: str, manifest: dict[str, Any], version: AgentVersion) -> None:
    """Returns if those who use this number can use the version too, or its first number says that they cannot. Raises: BreakingChange."""
    if agents.number_of(version.number)[0] > agents.number_of(number)[0]:
        return
    broken = breaking_changes(manifest_of(manifest), manifest_of(version.manifest))
    if broken:
        major = agents.number_of(number)[0] + 1
        places = ", ".join(problem.path for problem in broken[:5])
        raise BreakingChange(
            f"Version {version.number} breaks those who use {number}: {places}. Upload it as {major}.0.0, or undo these changes.",
            broken,
        )


def ask_for_sync(session: TenantSession, agent_id: UUID) -> None:
    """The publishing job makes the catalogue equal to what this workspace says about the agent."""
    outbox.put(session, SYNC_KIND, agent_id=agent_id)
    live.publish_after_commit(session, f"agents:{session.tenant_id}")


def get_request(session: TenantSession, *, request_id: UUID) -> RequestFacts:
    """Raises: NotFound."""
    found = _requests(session, request_id=request_id)
    if not found:
        raise NotFound("This request does not exist, or it belongs to another workspace.")
    return found[0]


def list_requests(session: TenantSession, *, state: str | None = None) -> list[RequestFacts]:
    """The newest first."""
    return _requests(session, state=state)


def _requests(
    session: TenantSession, *, request_id: UUID | None = None, state: str | None = None
) -> list[RequestFacts]:
    query = (
        select(PublicationRequest, Agent, AgentVersion)
        .join(
            Agent,
            (col(Agent.tenant_id) == PublicationRequest.tenant_id) & (col(Agent.id) == PublicationRequest.agent_id),
        )
        .join(
            AgentVersion,
            (col(AgentVersion.tenant_id) == PublicationRequest.tenant_id)
            & (col(AgentVersion.id) == PublicationRequest.version_id),
        )
        .where(col(PublicationRequest.tenant_id) == session.tenant_id)
        .order_by(col(PublicationRequest.created_at).desc(), col(PublicationRequest.id).desc())
    )
    if request_id is not None:
        query = query.where(col(PublicationRequest.id) == request_id)
    if state is not None:
        query = query.where(col(PublicationRequest.state) == state)
    return [
        RequestFacts(
            id=request.id,
            agent_id=agent.id,
            version_id=version.id,
            slug=agent.slug,
            name=version.manifest["name"],
            number=version.number,
            visibility=request.visibility,
            state=request.state,
            message=request.message,
            note=request.decision_note,
            created_at=request.created_at,
            decided_at=request.decided_at,
            by=request.requested_by_user_id,
        )
        for request, agent, version in session.execute(query)
    ]


def _refuse_listing(session: TenantSession, agent: Agent, version: AgentVersion) -> None:
    """A listing that was withdrawn or suspended takes no version; a breaking change takes a new major number."""
    listing = session.get(Listing, agent.id)
    if listing is None:
        return
    if listing.state == ListingState.WITHDRAWN:
        raise PublicationRefused(
            f"The listing of {agent.name} was withdrawn, which is final. Publish it under another slug."
        )
    if listing.state == ListingState.SUSPENDED:
        raise PublicationRefused(f"The listing of {agent.name} is suspended. Ask the operator to lift that first.")
    release = session.get_one(Release, listing.release_id)
    refuse_breaking(release.number, release.manifest, version)


def _audit(session: TenantSession, by: UUID | None, action: str, request: PublicationRequest, **detail: object) -> None:
    actor = f"user:{by}" if by else "platform"
    audit.record(session, actor=actor, action=action, subject=f"publication:{request.id}", **detail)
    live.publish_after_commit(session, f"agents:{session.tenant_id}")
