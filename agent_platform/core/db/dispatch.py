"""Sessions that see the queue of all tenants and nothing else. Only the queue's keepers may open one."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from agent_platform.core.db import tenant as _binds_sessions  # noqa: F401  # registers the listener
from agent_platform.core.db.engine import engine_of, serving_role


class DispatchSession(Session):
    """One transaction in the scope `dispatch`."""


@contextmanager
def dispatch_session() -> Iterator[DispatchSession]:
    with (
        DispatchSession(engine_of(serving_role()), info={"scope": "dispatch"}, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session
