"""Requests for agents that nobody offers yet: anybody asks, a reviewer reads, creators see what was shared."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col

from agent_platform.core import rate
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.core.visit import place_of
from agent_platform.models.wishes import AgentRequest, AgentRequestState
from agent_platform.services.catalog._reviewers import require_reviewer

SHORTEST, LONGEST = 10, 1_000
MOST_SEARCHED = 200
MOST_LISTED = 100
BY_ADDRESS = "5/hour; 20/day"
BY_ALL = "500/day"
NOT_SENT = "Your request was not sent."
ANSWERS = (AgentRequestState.SHARED, AgentRequestState.DISMISSED)


@dataclass(frozen=True)
class Wish:
    """`searched` is what was typed into the directory before, or empty."""

    id: UUID
    task: str
    searched: str
    created_at: datetime


def request_agent(session: PlatformSession, *, task: str, searched: str, address: str) -> None:
    """A reviewer finds the request. Raises: InputInvalid, RateLimited for too many from one address or from all."""
    words = " ".join(task.replace("\0", "").split())
    if not SHORTEST <= len(words) <= LONGEST:
        raise InputInvalid(
            f"Describe the task in {SHORTEST} to {LONGEST:,} characters: what goes in and what should come out."
        )
    rate.hit(f"agent_request:{place_of(address)}", BY_ADDRESS, else_said=NOT_SENT)
    rate.hit("agent_request", BY_ALL, else_said=NOT_SENT)
    session.add(AgentRequest(task=words, searched=searched.replace("\0", "")[:MOST_SEARCHED].strip()))


def list_agent_requests(session: PlatformSession, *, by: UUID) -> list[Wish]:
    """Those that no reviewer has answered, the oldest first. Raises: NotReviewer."""
    require_reviewer(session, by)
    return _listed(session, AgentRequestState.OPEN, col(AgentRequest.created_at).asc())


def shared_agent_requests(session: PlatformSession) -> list[Wish]:
    """What creators may read, the newest first."""
    return _listed(session, AgentRequestState.SHARED, col(AgentRequest.created_at).desc())


def answer_agent_request(session: PlatformSession, *, request_id: UUID, answer: str, by: UUID) -> None:
    """Creators see a shared one, nobody a dismissed one. Raises: NotReviewer, InputInvalid, NotFound for one that is not open."""
    require_reviewer(session, by)
    if answer not in ANSWERS:
        raise InputInvalid("Share the request or dismiss it. Nothing changed.")
    moved = session.execute(
        update(AgentRequest)
        .where(col(AgentRequest.id) == request_id, col(AgentRequest.state) == AgentRequestState.OPEN.value)
        .values(state=AgentRequestState(answer).value, decided_at=func.now(), decided_by=by)
        .returning(col(AgentRequest.id))
    ).first()
    if moved is None:
        raise NotFound("This request is not open any more: somebody has answered it.")


def _listed(session: PlatformSession, state: AgentRequestState, order: object) -> list[Wish]:
    rows = session.execute(
        select(AgentRequest).where(col(AgentRequest.state) == state.value).order_by(order).limit(MOST_LISTED)  # pyright: ignore[reportArgumentType]
    ).scalars()
    return [Wish(one.id, one.task, one.searched, one.created_at) for one in rows]
