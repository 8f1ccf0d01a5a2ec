"""One engine per process and database login."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg import pq
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import configure_mappers

from agent_platform.core.settings import get_settings

POOL_SIZE = 12
TRUSTED_SECONDS = 2.0
_engines: dict[str, Engine] = {}  # by address, which holds a password; each keeps the statements it has compiled
_lock = threading.Lock()
_serving_role = "app"
_distrusted_at = 0.0
_acting_role: ContextVar[str | None] = ContextVar("acting_role", default=None)


def prepare_to_fork() -> None:
    """What the first query would make is there, so that children share it: mappers, and what libpq loads to prove a password.

    Nothing is connected to. Each child would else touch some 16 MiB of its parent's pages.
    """
    configure_mappers()
    nowhere = pq.PGconn.connect_start(b"host=/nonexistent")
    nowhere.encrypt_password(b"-", b"-", b"scram-sha-256")
    nowhere.finish()


def serve_as(role: str) -> None:
    """From now on this process opens tenant sessions as this role."""
    global _serving_role  # noqa: PLW0603  # one process has one role, set once at start
    _serving_role = role


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Within the block, tenant sessions of this context open as another role (composition of processes in one, as in tests)."""
    token = _acting_role.set(role)
    try:
        yield
    finally:
        _acting_role.reset(token)


def serving_role() -> str:
    return _acting_role.get() or _serving_role


def engine_of(role: str) -> Engine:
    """The pool of this role. Raises RuntimeError when the process was not given the role's login."""
    url = get_settings().role_url(role)
    if not url:
        raise RuntimeError(f"This process has no database login for ap_{role}: set DATABASE_URL_{role.upper()}.")
    with _lock:
        if url not in _engines:
            _engines[url] = create_engine(
                driver_url(url), pool_size=POOL_SIZE, max_overflow=8, pool_recycle=1800, pool_use_lifo=True
            )
            event.listen(_engines[url], "checkin", _note_use)
            event.listen(_engines[url], "checkout", _make_ready)
        return _engines[url]


def distrust_connections() -> None:
    """Every connection that lies in a pool now is asked before its next use: what broke one has broken others."""
    global _distrusted_at  # noqa: PLW0603  # one moment for all pools of the process
    _distrusted_at = time.monotonic()


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _make_ready(connection: psycopg.Connection, record: Any, _proxy: Any) -> None:
    """A connection that rested is asked whether it is still there: asking each time would cost every transaction a round trip.

    No transaction is opened for it: at a rollback psycopg forgets every statement that was planned on the connection.
    """
    used_at = record.info.get("used_at", 0.0)
    if used_at <= _distrusted_at or time.monotonic() - used_at > TRUSTED_SECONDS:
        try:
            connection.autocommit = True
            connection.execute("SELECT 1", prepare=False)
        except psycopg.Error as error:
            raise DisconnectionError from error  # the pool takes another
    connection.autocommit = False  # a tenant session may have opened its transaction itself


def driver_url(url: str) -> str:
    """The same address with psycopg 3 named as its driver."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def dispose_engines() -> None:
    """Closes every pool; the next session connects anew."""
    with _lock:
        for engine in _engines.values():
            engine.dispose()
