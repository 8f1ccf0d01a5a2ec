"""Whether what everything rests on answers, asked now. `/readyz` and the status page ask the same."""

from collections.abc import Callable

import structlog
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agent_platform.core.db.engine import engine_of
from agent_platform.core.db.revisions import newest_revision
from agent_platform.core.queue import redis

log = structlog.get_logger()
# Advisory locks of the processes of which one is elected; whoever holds one is on duty.
ELECTED = {"watch": 7_201_020, "beat": 7_201_021}
ON_DUTY = text(
    "SELECT CAST(objid AS bigint) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def holds(name: str, check: Callable[[], bool]) -> bool:
    """False, and a line in the log, where the question itself fails."""
    try:
        return check()
    except (SQLAlchemyError, RedisError) as error:
        log.warning("not_ready", check=name, error=type(error).__name__)
        return False


def database_answers() -> bool:
    with engine_of("app").connect() as connection:
        return connection.execute(text("select true")).scalar_one()


def is_at_head() -> bool:
    """Whether the tables are those of this code."""
    with engine_of("app").connect() as connection:
        found = connection.execute(text("select version_num from public.alembic_version")).scalar_one()
    return found == newest_revision()


def queue_answers() -> bool:
    return bool(redis().ping())


def on_duty() -> set[str]:
    """Which of the elected processes there are now."""
    with engine_of("app").connect() as connection:
        held = set(connection.execute(ON_DUTY).scalars())
    return {name for name, lock in ELECTED.items() if lock in held}
