"""Sessions that reach people, sign-ins and all tenants' names. Only the domains named in the import contract may open one."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from agent_platform.core.db import tenant as _binds_sessions  # noqa: F401  # registers the listener
from agent_platform.core.db.engine import engine_of


class PlatformSession(Session):
    """One transaction in the scope `platform`."""


@contextmanager
def platform_session() -> Iterator[PlatformSession]:
    with (
        PlatformSession(engine_of("platform"), info={"scope": "platform"}, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session
