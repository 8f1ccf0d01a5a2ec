"""What the status page says: what answers now, and when parts did not. It names parts of the platform and no workspace."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import structlog
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from agent_platform.core.db.engine import engine_of
from agent_platform.core.queue import QUEUES, living_queues
from agent_platform.core.recent import Recent
from agent_platform.services.outages._probes import (
    ELECTED,
    database_answers,
    holds,
    is_at_head,
    on_duty,
    queue_answers,
)
from agent_platform.services.outages._records import BROKER, SILENCE_SECONDS

log = structlog.get_logger()
T = TypeVar("T")
KEPT_SECONDS = 5.0  # while something is out many ask, and each question costs what is scarce then
TOLD_SECONDS = 60.0  # an answer is told for so long to those who come while somebody waits for the next one
SHOWN_DAYS = 30
MOST_SHOWN = 20
BROKER_SILENT = text(
    "SELECT coalesce(max(answered_at) < now() - make_interval(secs => :silence), true) FROM platform.components WHERE name = :name"
)
LAST = text(
    "SELECT component, began_at, ended_at, was_asked FROM platform.outages WHERE ended_at > now() - make_interval(days => :days)"
    " ORDER BY began_at DESC LIMIT :most"
)


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # whoever would know does not answer either


@dataclass(frozen=True)
class OutageFacts:
    """`was_asked`: the part was asked in vain; else nobody was there to ask, as while the whole machine was off."""

    component: str
    began_at: datetime
    ended_at: datetime
    was_asked: bool


@dataclass(frozen=True)
class StatusFacts:
    """`parts` by name, in a fixed order; `outages` the latest first, None where they cannot be read now.

    `is_asked` is not set while somebody else still waits for the first answer: then nothing is known yet.
    """

    taken_at: datetime
    parts: dict[str, Answer]
    outages: list[OutageFacts] | None
    is_asked: bool = True


_recent: Recent[str, StatusFacts] = Recent(seconds=KEPT_SECONDS, most=1)
_last: Recent[str, StatusFacts] = Recent(seconds=TOLD_SECONDS, most=1)
_one_at_a_time = threading.Lock()


def read_status() -> StatusFacts:
    """At most a few seconds old, and never a failure: what cannot be asked is part of the answer. Blocks: call it in a thread.

    Only one thread waits for parts that hang; meanwhile all others are told the last answer at once.
    """
    if found := _recent.find("status"):
        return found[0]
    if not _one_at_a_time.acquire(blocking=False):
        found = _last.find("status")
        return found[0] if found else _nothing_yet()
    try:
        return _recent.keep("status", _last.keep("status", _ask()))
    finally:
        _one_at_a_time.release()


def forget_status(*, but_the_last: bool = False) -> None:
    """The next question is asked anew. With `but_the_last`, whoever comes meanwhile is still told the last answer."""
    _recent.clear()
    if not but_the_last:
        _last.clear()


def _nothing_yet() -> StatusFacts:
    names = ("database", "queue", BROKER, *QUEUES, *ELECTED)
    return StatusFacts(
        datetime.now(UTC), {"web": Answer.YES, **dict.fromkeys(names, Answer.UNKNOWN)}, None, is_asked=False
    )


def _ask() -> StatusFacts:
    database = holds("database", database_answers)
    queue = holds("queue", queue_answers)
    duty = _try(on_duty) if database else None
    working = _try(living_queues) if queue else None
    parts = {
        "web": Answer.YES,  # who answers this
        "database": _answer(database and holds("migrations", is_at_head)),
        "queue": _answer(queue),
        BROKER: _broker(duty),
        **{name: _among(name, working) for name in QUEUES},
        **{name: _among(name, duty) for name in ELECTED},
    }
    return StatusFacts(datetime.now(UTC), parts, _try(_outages) if database else None)


def _broker(duty: set[str] | None) -> Answer:
    """Asked all the time by the watch; without one nobody knows."""
    if duty is None or "watch" not in duty:
        return Answer.UNKNOWN
    silent = _try(_is_broker_silent)
    return Answer.UNKNOWN if silent is None else _answer(not silent)


def _is_broker_silent() -> bool:
    with engine_of("app").connect() as connection:
        return connection.execute(BROKER_SILENT, {"silence": SILENCE_SECONDS, "name": BROKER}).scalar_one()


def _outages() -> list[OutageFacts]:
    with engine_of("app").connect() as connection:
        return [OutageFacts(*row) for row in connection.execute(LAST, {"days": SHOWN_DAYS, "most": MOST_SHOWN})]


def _try(ask: Callable[[], T]) -> T | None:
    try:
        return ask()
    except (SQLAlchemyError, RedisError) as error:
        log.warning("status_unknown", question=getattr(ask, "__name__", ""), error=type(error).__name__)
        return None


def _among(name: str, found: set[str] | None) -> Answer:
    return Answer.UNKNOWN if found is None else _answer(name in found)


def _answer(yes: bool) -> Answer:
    return Answer.YES if yes else Answer.NO
