import pytest

from agent_platform.core import rate
from agent_platform.core.errors import RateLimited
from agent_platform.core.ids import new_secret
from agent_platform.core.queue import redis
from agent_platform.core.settings import get_settings

pytestmark = pytest.mark.usefixtures("settings")


def spend(key: str, times: int, limits: str = "3/minute; 5/hour") -> int:
    """How many of these tries were let through."""
    passed = 0
    for _ in range(times):
        try:
            rate.hit(key, limits)
        except RateLimited:
            continue
        passed += 1
    return passed


def test_the_limit_holds_per_key():
    assert spend("a", 5) == 3
    assert spend("b", 2) == 2


def test_a_refusal_says_how_long_to_wait():
    spend("a", 3)
    with pytest.raises(RateLimited, match="Wait") as refusal:
        rate.hit("a", "3/minute; 5/hour")
    assert 1 <= refusal.value.retry_after_seconds <= 60


def test_whoever_keeps_trying_runs_into_the_longer_wait():
    assert spend("a", 9, "5/hour") == 5
    with pytest.raises(RateLimited) as refusal:
        rate.hit("a", "100/minute; 5/hour")
    assert refusal.value.retry_after_seconds > 60


def test_a_refusal_says_what_became_of_the_try_and_a_wait_that_is_long_enough():
    spend("a", 2, "2/day")
    with pytest.raises(RateLimited, match=r"Wait \d+ (hours|minutes|seconds), then try again\. It was not sent\.$"):
        rate.hit("a", "2/day", else_said="It was not sent.")
    assert [rate._in_words(seconds) for seconds in (119, 121, 7_199, 7_201)] == [
        "119 seconds",
        "3 minutes",
        "120 minutes",
        "3 hours",
    ]


def test_asking_counts_nothing():
    for _ in range(9):
        rate.refuse_exhausted("a", "3/minute")
    assert spend("a", 4, "3/minute") == 3
    with pytest.raises(RateLimited):
        rate.refuse_exhausted("a", "3/minute")


def test_counters_live_in_redis():
    spend("a", 1)
    assert any(key.startswith(b"ap:rate") for key in redis().keys("*"))


@pytest.mark.fault
def test_while_redis_is_away_this_process_counts(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    get_settings.cache_clear()
    redis.cache_clear()
    assert spend(new_secret(), 5) == 3
    redis().close()
    redis.cache_clear()
