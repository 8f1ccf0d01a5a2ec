"""Usage: facts written where runs settle, roll-ups that charts read."""

from agent_platform.services.analytics._queries import (
    RANGES,
    AgentUsage,
    Bucket,
    Figures,
    Period,
    Reason,
    RunTimes,
    SpendPoint,
    busy_hours,
    failure_reasons,
    figures,
    ledger_spend,
    period,
    run_times,
    running_series,
    runs_by_outcome,
    spend_by_agent,
    usage_by_agent,
)
from agent_platform.services.analytics._record import record_run
from agent_platform.services.analytics._success import BAD, GOOD, success_share

__all__ = [
    "BAD",
    "GOOD",
    "RANGES",
    "AgentUsage",
    "Bucket",
    "Figures",
    "Period",
    "Reason",
    "RunTimes",
    "SpendPoint",
    "busy_hours",
    "failure_reasons",
    "figures",
    "ledger_spend",
    "period",
    "record_run",
    "run_times",
    "running_series",
    "runs_by_outcome",
    "spend_by_agent",
    "success_share",
    "usage_by_agent",
]
