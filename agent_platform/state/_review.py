"""The review queue of the installation: seen on the operator's host only, by people with a platform role."""

from datetime import UTC, datetime
from uuid import UUID

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import parse
from agent_platform.core.policy import REVIEWERS, Caller
from agent_platform.services import catalog, identity, tenancy
from agent_platform.views.review import RequestRowView, SubmissionView, request_row, submission_view


def queue_address(caller: Caller) -> str:
    """Where somebody who may decide finds the queue, from any workspace; empty for everybody else."""
    if not set(REVIEWERS) & set(caller.platform_roles):
        return ""
    theirs = tenancy.in_platform(tenancy.list_workspaces, user_id=_person(caller))
    place = next((one.slug for one in theirs if one.is_operator), "")
    return f"/auth/switch?to={place}&next=/ops/review" if place else ""


def read_queue(session: TenantSession, *, caller: Caller) -> list[RequestRowView]:
    """Raises: NotFound on other hosts, NotReviewer."""
    refuse_elsewhere(session)
    now = datetime.now(UTC)
    found = identity.in_platform(catalog.list_open_requests, by=_person(caller))
    return [request_row(one, now) for one in found]


def read_submission(session: TenantSession, *, request: str, caller: Caller) -> SubmissionView:
    """Raises: NotFound on other hosts and for a request that is not open, NotReviewer."""
    refuse_elsewhere(session)
    found = identity.in_platform(catalog.get_submission, request_id=parse("pub", request), by=_person(caller))
    return submission_view(found, datetime.now(UTC))


def decide(session: TenantSession, *, request: str, decision: str, note: str, caller: Caller) -> None:
    """Raises: NotFound, NotReviewer, OwnReview, StateMoved, Conflict for an answer without a reason."""
    refuse_elsewhere(session)
    answer = {"decision": decision, "note": note, "by": _person(caller)}
    identity.in_platform(catalog.decide, request_id=parse("pub", request), **answer)


def refuse_elsewhere(session: TenantSession) -> None:
    if not tenancy.get_workspace(session).is_operator:
        raise NotFound


def _person(caller: Caller) -> UUID:
    assert caller.user_id is not None
    return caller.user_id
