"""What visitors without an account may do: try an agent in a demo, at the platform's expense and within narrow limits."""

from agent_platform.services.visitors._budget import Budget, are_on, budget, set_budget
from agent_platform.services.visitors._files import SentFile, refuse_file, store_file
from agent_platform.services.visitors._reading import DemoFacts, find_demo, in_demo
from agent_platform.services.visitors._rules import (
    AGENT_DEMOS,
    CAP_MICRO_USD,
    HOUR_DEMOS,
    MOST_SECONDS,
    SHOWN_MINUTES,
)
from agent_platform.services.visitors._start import start_demo
from agent_platform.services.visitors._sweep import sweep_demos
from agent_platform.services.visitors.errors import DemoGone, DemoLimit, DemoRefused, DemoTooLarge

__all__ = [
    "AGENT_DEMOS",
    "CAP_MICRO_USD",
    "HOUR_DEMOS",
    "MOST_SECONDS",
    "SHOWN_MINUTES",
    "Budget",
    "DemoFacts",
    "DemoGone",
    "DemoLimit",
    "DemoRefused",
    "DemoTooLarge",
    "SentFile",
    "are_on",
    "budget",
    "find_demo",
    "in_demo",
    "refuse_file",
    "set_budget",
    "start_demo",
    "store_file",
    "sweep_demos",
]
