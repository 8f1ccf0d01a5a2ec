"""News: ids only, published after commit. The database is read, the wire only nudges."""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator

import redis.asyncio
import sqlalchemy.orm
import structlog
from redis.exceptions import RedisError

from agent_platform.core.queue import after_commit
from agent_platform.core.queue import redis as redis_client
from agent_platform.core.settings import get_settings

log = structlog.get_logger()
CHANNEL = "ap:live"
ACTIVE_SECONDS = 2.0
IDLE_SECONDS = 15.0
COALESCE_SECONDS = 0.1
_waiters: dict[str, set[asyncio.Event]] = defaultdict(set)


def publish_after_commit(session: sqlalchemy.orm.Session, *topics: str) -> None:
    """Whoever follows a topic is woken after the commit; several calls in one transaction send each topic once."""
    waiting: dict[str, None] | None = session.info.get("live_topics")
    if waiting is None:
        waiting = session.info["live_topics"] = {}
        after_commit(session, lambda: _send(session), first=True)
    waiting.update(dict.fromkeys(topics))


def publish(*topics: str) -> None:
    with contextlib.suppress(RedisError):
        redis_client().publish(CHANNEL, json.dumps(topics))


def _send(session: sqlalchemy.orm.Session) -> None:
    topics = session.info.pop("live_topics", None)
    if topics:
        redis_client().publish(CHANNEL, json.dumps(list(topics)))


async def nudges(*topics: str, idle: bool = False, at_most_every: float = COALESCE_SECONDS) -> AsyncIterator[None]:
    """Yields at once, then whenever a topic has news or the poll interval is over; news within `at_most_every` seconds are one."""
    event = asyncio.Event()
    for topic in topics:
        _waiters[topic].add(event)
    try:
        while True:
            event.clear()
            yield
            await asyncio.sleep(at_most_every)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), IDLE_SECONDS if idle else ACTIVE_SECONDS)
    finally:
        for topic in topics:
            _waiters[topic].discard(event)
            if not _waiters[topic]:
                _waiters.pop(topic, None)


async def subscribe() -> None:
    """The one subscriber of a process: wakes its waiters, reconnects for ever."""
    while True:
        try:
            await _listen()
        except (RedisError, OSError) as error:
            log.warning("live_updates_paused", error=type(error).__name__)
        await asyncio.sleep(1)


async def _listen() -> None:
    client = redis.asyncio.Redis.from_url(get_settings().redis_url, socket_connect_timeout=2)
    async with client, client.pubsub() as pubsub:
        await pubsub.subscribe(CHANNEL)
        async for message in pubsub.listen():
            if message["type"] == "message":
                _wake(message["data"])


def _wake(message: bytes) -> None:
    for topic in json.loads(message):
        for event in _waiters.get(topic, ()):
            event.set()
