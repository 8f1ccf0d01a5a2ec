"""Wake-ups through RQ. Postgres is the truth: a lost wake-up is found by the reconciler."""

from functools import lru_cache
from typing import Any

import sqlalchemy.orm
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event

from agent_platform.core.settings import get_settings

log = structlog.get_logger()
QUEUES = ("runs", "builds", "maintenance")
PENDING = "after_commit"
DRAIN = "workers.jobs.drain_outbox"
DRAINS = "drains_outbox"
ASKED = "ap:asked:"
ALIVE = "ap:alive:"
ALIVE_SECONDS = 90  # as deploy/platform/alive: an idle worker shows life once a minute
ASKED_SECONDS = 5  # a job that was lost with Redis is asked for again


@lru_cache(maxsize=1)
def redis() -> Redis:
    return Redis.from_url(
        get_settings().redis_url, socket_timeout=5, socket_connect_timeout=2, health_check_interval=30
    )


def queue(name: str) -> Queue:
    return Queue(name, connection=redis(), serializer=JSONSerializer)


def show_life(name: str) -> None:
    """A worker of this queue is there for the next while. Raises: RedisError."""
    redis().set(ALIVE + name, 1, ex=ALIVE_SECONDS)


def living_queues() -> set[str]:
    """The queues for which a worker has lately shown life. Raises: RedisError."""
    seen = redis().mget([ALIVE + name for name in QUEUES])
    return {name for name, life in zip(QUEUES, seen, strict=True) if life}  # pyright: ignore[reportArgumentType]  # not awaited


def enqueue_after_commit(session: sqlalchemy.orm.Session, name: str, function: str, **arguments: Any) -> None:
    """The job leaves when the session commits, and dies with a rollback. Arguments are JSON."""
    session.info.setdefault(PENDING, []).append(
        lambda: queue(name).enqueue(function, kwargs=arguments, result_ttl=0, failure_ttl=3600)
    )


def after_commit(session: sqlalchemy.orm.Session, send: Any, *, first: bool = False) -> None:
    """`send()` is called once the session has committed, `first` before the others: somebody may wait for it. A Redis failure in it is
    logged and forgotten.
    """
    pending = session.info.setdefault(PENDING, [])
    pending.insert(0 if first else len(pending), send)


def ask_maintenance(function: str) -> None:
    """The maintenance worker runs this job soon; one that waits already is enough. While Redis is away it is asked again next time."""
    try:
        if redis().set(ASKED + function, 1, nx=True, ex=ASKED_SECONDS):
            queue("maintenance").enqueue(function, result_ttl=0, failure_ttl=600)
    except RedisError as error:
        log.warning("duty_later", job=function, error=type(error).__name__)


def heard(function: str) -> None:
    """The job has begun: whoever asks from now on means the next one."""
    redis().delete(ASKED + function)


def drain_after_commit(session: sqlalchemy.orm.Session) -> None:
    """The outbox is worked off soon after the session committed."""
    if not session.info.get(DRAINS):
        session.info[DRAINS] = True
        after_commit(session, lambda: _drain(session))


def _drain(session: sqlalchemy.orm.Session) -> None:
    session.info.pop(DRAINS, None)
    ask_maintenance(DRAIN)


@event.listens_for(sqlalchemy.orm.Session, "after_commit")
def _leave(session: sqlalchemy.orm.Session) -> None:
    if session.in_nested_transaction():  # a savepoint is no commit
        return
    for send in session.info.pop(PENDING, ()):
        try:
            send()
        except RedisError as error:
            log.warning("wake_up_lost", error=type(error).__name__)


@event.listens_for(sqlalchemy.orm.Session, "after_rollback")
def _drop(session: sqlalchemy.orm.Session) -> None:
    if session.in_nested_transaction():
        return
    session.info.pop(PENDING, None)
    session.info.pop(DRAINS, None)
