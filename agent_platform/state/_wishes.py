"""Requests for agents, as the operator's queue and the studio show them."""

from datetime import UTC, datetime

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import parse
from agent_platform.core.policy import Caller
from agent_platform.services import catalog, identity
from agent_platform.state._review import refuse_elsewhere
from agent_platform.views.wishes import WishView, wish_view


def read_queue(session: TenantSession, *, caller: Caller) -> list[WishView]:
    """Raises: NotFound on other hosts than the operator's, NotReviewer."""
    refuse_elsewhere(session)
    assert caller.user_id is not None
    return _views(identity.in_platform(catalog.list_agent_requests, by=caller.user_id))


def answer(session: TenantSession, *, request: str, answer: str, caller: Caller) -> None:
    """Raises: NotFound on other hosts and for an answered request, NotReviewer, InputInvalid for no such answer."""
    refuse_elsewhere(session)
    given = {"request_id": parse("ask", request), "answer": answer, "by": caller.user_id}
    identity.in_platform(catalog.answer_agent_request, **given)


def read_shared(session: TenantSession) -> list[WishView]:  # noqa: ARG001  # the workspace decides who may read, not what
    return _views(identity.in_platform(catalog.shared_agent_requests))


def _views(found: list[catalog.Wish]) -> list[WishView]:
    now = datetime.now(UTC)
    return [wish_view(one, now) for one in found]
