"""The only place that changes the state of a version, a build or a request, by the tables beside the models."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import SQLModel, col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.agents import (
    BUILD_TRANSITIONS,
    VERSION_TRANSITIONS,
    AgentVersion,
    Build,
    BuildState,
    PublicationRequest,
    RequestState,
    VersionState,
)
from agent_platform.services.agents.errors import StateMoved

REQUEST_TRANSITIONS: dict[RequestState, frozenset[RequestState]] = {
    RequestState.OPEN: frozenset(set(RequestState) - {RequestState.OPEN}),
    **{state: frozenset() for state in RequestState if state is not RequestState.OPEN},
}
TABLES: dict[type[SQLModel], tuple[str, Any, dict[Any, frozenset[Any]]]] = {
    AgentVersion: ("version", VersionState, VERSION_TRANSITIONS),
    Build: ("build", BuildState, BUILD_TRANSITIONS),
    PublicationRequest: ("request", RequestState, REQUEST_TRANSITIONS),
}


def move(session: TenantSession, row: AgentVersion | Build | PublicationRequest, to: str, **changes: Any) -> None:
    """The row is in the new state, with `changes` beside it, if nobody was faster. Raises: StateMoved."""
    model = type(row)
    noun, states, transitions = TABLES[model]
    old, new = states(row.state), states(to)
    if new not in transitions[old]:
        raise StateMoved(f"This {noun} is {_words(old)} and cannot become {_words(new)}. Reload the page.")
    done = session.execute(
        update(model)
        .where(col(model.tenant_id) == session.tenant_id, col(model.id) == row.id, col(model.state) == old.value)
        .values(state=new.value, **changes)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # pyright: ignore[reportAttributeAccessIssue]
        raise StateMoved(f"This {noun} is no longer {_words(old)}: somebody was faster. Reload the page.")
    for name, value in {"state": new.value, **changes}.items():
        set_committed_value(row, name, value)


def _words(state: str) -> str:
    return str(state).replace("_", " ")
