"""From a ready version to a reviewer's yes."""

import json
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core import outbox
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Forbidden, NotFound
from agent_platform.core.ids import new_id
from agent_platform.core.policy import Caller
from agent_platform.models.agents import (
    VERSION_TRANSITIONS,
    Agent,
    AgentVersion,
    PublicationRequest,
    RequestState,
    VersionState,
    Visibility,
)
from agent_platform.services import audit
from agent_platform.services.billing import refuse_unchargeable
from agent_platform.services.catalog._runnable import manifest_of
from agent_platform.services.catalog.errors import PublicationRefused

REVIEWED = frozenset({Visibility.UNLISTED, Visibility.PUBLIC})
DECISIONS: dict[str, VersionState] = {
    "approved": VersionState.APPROVED,
    "changes_requested": VersionState.CHANGES_REQUESTED,
    "rejected": VersionState.REJECTED,
}


def request_publication(
    session: TenantSession, *, version_id: UUID, visibility: Visibility, message: str, caller: Caller
) -> PublicationRequest:
    """The version waits for a reviewer. Raises: PublicationRefused, NotFound, PriceModelNotAvailable."""
    version, agent = _lock_version(session, version_id)
    if visibility not in REVIEWED:
        raise PublicationRefused(
            "Private and workspace agents need no review: set the visibility in the agent's settings."
        )
    if version.state == VersionState.IN_REVIEW:
        raise PublicationRefused(f"Version {version.number} is in review already.")
    refuse_unchargeable(manifest_of(version.digest, _text(version)).price)
    _move(version, VersionState.IN_REVIEW)
    request = PublicationRequest(
        tenant_id=session.tenant_id,
        id=new_id(),
        agent_id=agent.id,
        version_id=version.id,
        visibility=visibility,
        message=message[:2_000],
        requested_by_user_id=caller.user_id,
    )
    session.add(request)
    audit.record(
        session, actor=caller.user_name, action="publication.requested", subject=agent.slug, version=version.number
    )
    session.flush()
    return request


def decide(
    session: TenantSession,
    *,
    request_id: UUID,
    decision: Literal["approved", "changes_requested", "rejected"],
    note: str,
    caller: Caller,
) -> PublicationRequest:
    """The version is decided; an approved one is published by the next job. Raises: Forbidden, PublicationRefused, NotFound.

    A reviewer never decides on the own workspace, unless the operator's flag `self_review` allows it.
    """
    if not _may_review_itself(session):
        raise Forbidden("A reviewer of another workspace decides this. You are told as soon as it is done.")
    request = _lock_request(session, request_id)
    version, agent = _lock_version(session, request.version_id)
    _move(version, DECISIONS[decision])
    request.state = RequestState(decision)
    request.decided_by_user_id, request.decision_note = caller.user_id, note[:2_000]
    request.decided_at = session.execute(text("SELECT now()")).scalar_one()
    audit.record(
        session,
        actor=caller.user_name,
        action=f"publication.{decision}",
        subject=agent.slug,
        version=version.number,
        self_review=True,
    )
    if decision == "approved":
        agent.visibility = request.visibility
        outbox.put(session, "publication.approved", request_id=request.id)
    return request


def withdraw_request(session: TenantSession, *, request_id: UUID, caller: Caller) -> None:
    """The version is ready again and nobody reviews it."""
    request = _lock_request(session, request_id)
    version, agent = _lock_version(session, request.version_id)
    _move(version, VersionState.READY)
    request.state = RequestState.WITHDRAWN
    audit.record(
        session, actor=caller.user_name, action="publication.withdrawn", subject=agent.slug, version=version.number
    )


def withdraw_listing(session: TenantSession, *, agent_id: UUID, caller: Caller) -> None:
    """The agent leaves the directory with the next job; runs under way go on."""
    agent = session.execute(
        select(Agent).where(col(Agent.tenant_id) == session.tenant_id, col(Agent.id) == agent_id).with_for_update()
    ).scalar_one_or_none()
    if agent is None:
        raise NotFound
    if agent.visibility not in REVIEWED:
        raise PublicationRefused(f"{agent.name} is not in the directory.")
    agent.visibility = Visibility.TENANT
    outbox.put(session, "listing.withdrawn", slug=agent.slug)
    audit.record(session, actor=caller.user_name, action="listing.withdrawn", subject=agent.slug)


def list_requests(session: TenantSession, *, agent_id: UUID) -> list[PublicationRequest]:
    """Newest first."""
    return list(
        session.execute(
            select(PublicationRequest)
            .where(col(PublicationRequest.tenant_id) == session.tenant_id, col(PublicationRequest.agent_id) == agent_id)
            .order_by(col(PublicationRequest.created_at).desc())
        ).scalars()
    )


def may_review_itself(session: TenantSession) -> bool:
    return _may_review_itself(session)


def _may_review_itself(session: TenantSession) -> bool:
    flags = session.execute(text("SELECT value FROM platform.settings WHERE key = 'flags'")).scalar_one_or_none() or {}
    return bool(flags.get("self_review"))


def _move(version: AgentVersion, to: VersionState) -> None:
    if to not in VERSION_TRANSITIONS[VersionState(version.state)]:
        raise PublicationRefused(f"Version {version.number} is {version.state} and cannot become {to.value}.")
    version.state = to


def _lock_version(session: TenantSession, version_id: UUID) -> tuple[AgentVersion, Agent]:
    row = session.execute(
        select(AgentVersion, Agent)
        .join(
            Agent, (col(Agent.tenant_id) == col(AgentVersion.tenant_id)) & (col(Agent.id) == col(AgentVersion.agent_id))
        )
        .where(col(AgentVersion.tenant_id) == session.tenant_id, col(AgentVersion.id) == version_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("This version does not exist, or it belongs to another workspace.")
    return row[0], row[1]


def _lock_request(session: TenantSession, request_id: UUID) -> PublicationRequest:
    request = session.execute(
        select(PublicationRequest)
        .where(col(PublicationRequest.tenant_id) == session.tenant_id, col(PublicationRequest.id) == request_id)
        .with_for_update()
    ).scalar_one_or_none()
    if request is None:
        raise NotFound("This request does not exist, or it belongs to another workspace.")
    if request.state != RequestState.OPEN:
        raise PublicationRefused(f"This request was already {request.state.replace('_', ' ')}. Nothing changed.")
    return request


def _text(version: AgentVersion) -> str:
    return json.dumps(version.manifest, sort_keys=True)
