"""Sessions that write the public catalogue. Only jobs of the maintenance queue have the login."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from agent_platform.core.db import tenant as _binds_sessions  # noqa: F401  # registers the listener
from agent_platform.core.db.engine import engine_of


class PublisherSession(Session):
    """One transaction in the scope `publisher`."""


@contextmanager
def publisher_session() -> Iterator[PublisherSession]:
    with (
        PublisherSession(engine_of("publisher"), info={"scope": "publisher"}, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session
