"""How good listings are: the open score, and the daily tests that may put a listing into maintenance."""

from agent_platform.services.quality._daily import run_daily_tests, tests_of
from agent_platform.services.quality._days import LastTest, close_day, last_test
from agent_platform.services.quality._evidence import Check, Evidence, Factor, Rule
from agent_platform.services.quality._factors import FACTORS, lower_bound
from agent_platform.services.quality._formula import Quality, quality_of
from agent_platform.services.quality._refresh import StoredQuality, find_quality, refresh_quality
from agent_platform.services.quality._verdict import MOVES, Day, Outcome, state_after, why_failed

__all__ = [
    "FACTORS",
    "MOVES",
    "Check",
    "Day",
    "Evidence",
    "Factor",
    "LastTest",
    "Outcome",
    "Quality",
    "Rule",
    "StoredQuality",
    "close_day",
    "find_quality",
    "last_test",
    "lower_bound",
    "quality_of",
    "refresh_quality",
    "run_daily_tests",
    "state_after",
    "tests_of",
    "why_failed",
]
