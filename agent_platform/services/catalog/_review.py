"""The reviewer's side of publication: what all workspaces ask for, what each asks exactly, and the answer.

Deciding belongs to platform roles. The operator's flag `self_review` lifts one rule for them only: that a reviewer never
belongs to the workspace that asks, so that whoever runs an installation alone can list agents of their own.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.models.agents import AgentVersion, PublicationRequest, RequestState
from agent_platform.models.catalogue import Listing
from agent_platform.models.tenancy import Membership
from agent_platform.services import agents, tenancy
from agent_platform.services.catalog._flags import flag
from agent_platform.services.catalog._manifests import manifest_of
from agent_platform.services.catalog._permissions import PermissionFacts, compared
from agent_platform.services.catalog._publication import Decision, RequestFacts, get_request, settle_request
from agent_platform.services.catalog._reviewers import require_reviewer
from agent_platform.services.catalog.errors import OwnReview

MOST_OPEN = 100
GONE = "This request is not open any more: it was decided or taken back."


@dataclass(frozen=True)
class OpenRequest:
    request: RequestFacts
    publisher: str


@dataclass(frozen=True)
class Submission:
    """Everything a decision rests on. `compared_with` is the number of the version that consumers have today, or empty."""

    request: RequestFacts
    publisher: str
    publisher_name: str
    requested_by: str
    level: str
    permissions: list[PermissionFacts]
    compared_with: str
    files: list[agents.SourceFile]


def list_open_requests(session: PlatformSession, *, by: UUID) -> list[OpenRequest]:
    """Open requests of all workspaces, the oldest first. Raises: NotReviewer."""
    require_reviewer(session, by)
    found = session.execute(
        select(col(PublicationRequest.tenant_id), col(PublicationRequest.id))
        .where(col(PublicationRequest.state) == RequestState.OPEN)
        .order_by(col(PublicationRequest.created_at), col(PublicationRequest.id))
        .limit(MOST_OPEN)
    ).all()
    return [_open_request(tenant_id, request_id) for tenant_id, request_id in found]


def get_submission(session: PlatformSession, *, request_id: UUID, by: UUID) -> Submission:
    """Raises: NotReviewer, NotFound for one that is not open."""
    require_reviewer(session, by)
    with tenant_session(_tenant_of(session, request_id)) as inside:
        return _submission(inside, get_request(inside, request_id=request_id))


def decide(session: PlatformSession, *, request_id: UUID, decision: Decision, note: str, by: UUID) -> RequestFacts:
    """The creator has the reviewer's answer; an approved version is published by a job right after.

    Raises: NotReviewer, OwnReview unless the operator's flag self_review is on, NotFound, StateMoved, Conflict for an answer without a reason.
    """
    require_reviewer(session, by)
    with tenant_session(_tenant_of(session, request_id)) as inside:
        is_own = inside.get(Membership, (inside.tenant_id, by)) is not None
        if is_own and not flag(inside, "self_review"):
            raise OwnReview("You belong to the workspace that asks. Somebody from another workspace has to decide.")
        detail = {"self_review": True} if is_own else {}
        return settle_request(inside, request_id=request_id, decision=decision, note=note, by=by, **detail)


def approve_as_installation(session: TenantSession, *, request_id: UUID, note: str) -> RequestFacts:
    """The installation itself says yes, to what it seeds; no click leads here. Raises: NotFound, StateMoved."""
    return settle_request(session, request_id=request_id, decision="approve", note=note, by=None)


def _tenant_of(session: PlatformSession, request_id: UUID) -> UUID:
    """The platform's login sees open requests only."""
    found = session.execute(
        select(col(PublicationRequest.tenant_id)).where(
            col(PublicationRequest.id) == request_id, col(PublicationRequest.state) == RequestState.OPEN
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(GONE)
    return found


def _open_request(tenant_id: UUID, request_id: UUID) -> OpenRequest:
    with tenant_session(tenant_id) as inside:
        return OpenRequest(get_request(inside, request_id=request_id), tenancy.get_workspace(inside).slug)


def _submission(session: TenantSession, request: RequestFacts) -> Submission:
    version = agents.get_version(session, version_id=request.version_id)
    earlier = _listed_version(session, request)
    workspace = tenancy.get_workspace(session)
    manifest = manifest_of(version.manifest)
    return Submission(
        request=request,
        publisher=workspace.slug,
        publisher_name=workspace.name,
        requested_by=_name_of(session, request),
        level=manifest.permission_level,
        permissions=compared(manifest, manifest_of(earlier.manifest) if earlier else None),
        compared_with=earlier.number if earlier else "",
        files=agents.source_files(session, version=version, earlier=earlier),
    )


def _listed_version(session: TenantSession, request: RequestFacts) -> AgentVersion | None:
    listing = session.get(Listing, request.agent_id)
    if listing is None:
        return None
    return session.execute(
        select(AgentVersion).where(
            col(AgentVersion.tenant_id) == session.tenant_id,
            col(AgentVersion.agent_id) == request.agent_id,
            col(AgentVersion.number) == listing.version,
        )
    ).scalar_one_or_none()


def _name_of(session: TenantSession, request: RequestFacts) -> str:
    member = session.get(Membership, (session.tenant_id, request.by)) if request.by else None
    return member.display_name if member else "somebody who has left the workspace"
