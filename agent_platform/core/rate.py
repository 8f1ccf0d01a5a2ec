"""Limits before anything costs: counted in Redis, in this process while Redis is away."""

import time
from functools import lru_cache

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from agent_platform.core.errors import RateLimited
from agent_platform.core.queue import redis
from agent_platform.core.settings import get_settings

# a longer window behind each shorter one makes the wait grow for whoever keeps trying
SIGN_IN_BY_ADDRESS = "10/minute; 60/hour; 200/day"
SIGN_IN_BY_ACCOUNT = "5/minute; 20/hour; 60/day"


def hit(key: str, limits: str) -> None:
    """One more use of `key` is counted, within all of `limits` (such as "10/minute; 60/hour"). Raises: RateLimited.

    Blocks on Redis: call it in a thread from async code.
    """
    for item in _parsed(limits):
        if not _allowed(item, key):
            wait = _wait_seconds(item, key)
            raise RateLimited(
                f"Too many tries. Wait {_in_words(wait)}, then try again. Nothing was changed.",
                retry_after_seconds=wait,
            )


def _allowed(item: RateLimitItem, key: str) -> bool:
    try:
        return _shared(get_settings().redis_url).hit(item, key)
    except RedisError:
        return _own().hit(item, key)


def _wait_seconds(item: RateLimitItem, key: str) -> int:
    try:
        stats = _shared(get_settings().redis_url).get_window_stats(item, key)
    except RedisError:
        stats = _own().get_window_stats(item, key)
    return max(1, round(stats.reset_time - time.time()))


def _in_words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"


@lru_cache(maxsize=32)
def _parsed(limits: str) -> list[RateLimitItem]:
    return parse_many(limits)


@lru_cache(maxsize=1)
def _shared(redis_url: str) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(
        RedisStorage(redis_url, connection_pool=redis().connection_pool, key_prefix="ap:rate")
    )


@lru_cache(maxsize=1)
def _own() -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(MemoryStorage())
