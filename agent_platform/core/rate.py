"""Limits before anything costs: counted in Redis, in this process while Redis is away."""

import time
from functools import lru_cache
from typing import Any

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


def hit(key: str, limits: str, *, else_said: str = "Nothing was changed.") -> None:
    """One more use of `key` is counted, within all of `limits` (such as "10/minute; 60/hour").

    Raises: RateLimited, whose sentence ends with `else_said`: what became of what was tried.
    Blocks on Redis: call it in a thread from async code.
    """
    for item in _parsed(limits):
        if not _ask("hit", item, key):
            raise _refusal(item, key, else_said)


def refuse_exhausted(key: str, limits: str) -> None:
    """Returns, without counting, unless the next `hit` would be refused. Raises: RateLimited."""
    for item in _parsed(limits):
        if not _ask("test", item, key):
            raise _refusal(item, key, "Nothing was changed.")


def _ask(question: str, item: RateLimitItem, key: str) -> Any:
    try:
        return getattr(_shared(get_settings().redis_url), question)(item, key)
    except RedisError:
        return getattr(_own(), question)(item, key)


def _refusal(item: RateLimitItem, key: str, else_said: str) -> RateLimited:
    wait = max(1, round(_ask("get_window_stats", item, key).reset_time - time.time()))
    return RateLimited(f"Too many tries. Wait {_in_words(wait)}, then try again. {else_said}", retry_after_seconds=wait)


def _in_words(seconds: int) -> str:
    """Rounded up: whoever waits so long is let through."""
    if seconds < 120:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes" if seconds < 7_200 else f"{-(-seconds // 3_600)} hours"


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
