"""One usage fact per finished run, and the roll-ups of its hour and day, in the transaction that settles it."""

from typing import Any
from uuid import uuid5

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession

OUTCOMES = ("succeeded", "capped", "failed", "timed_out", "cancelled", "lost")
SUMS = ("runs", *OUTCOMES, "cost_micro_usd", "duration_ms")


def record_run(session: TenantSession, run: Any) -> None:
    """The settled run is in usage_events, usage_hourly and usage_daily. Call it once, where the run becomes final."""
    started = run.started_at or run.finished_at
    duration_ms = max(0, round((run.finished_at - started).total_seconds() * 1000))
    queue_ms = max(0, round((started - run.queued_at).total_seconds() * 1000))
    outcome = "lost" if run.failure_code == "worker_lost" else str(run.state)
    counted = {name: int(name == outcome) for name in OUTCOMES}
    session.execute(
        RECORD,
        {
            "tenant": session.tenant_id,
            "at": run.finished_at,
            "id": uuid5(run.id, "usage"),
            "run": run.id,
            "agent": run.agent_ref,
            "release": run.release_id,
            "outcome": outcome,
            "code": run.failure_code,
            "class": run.failure_class,
            "cost_micro_usd": run.charged_micro_usd,
            "duration_ms": duration_ms,
            "queue": queue_ms,
            "runs": 1,
            **counted,
        },
    )


def _roll_up(table: str, key: str, key_values: str) -> str:
    return (
        f"INSERT INTO app.{table} (tenant_id, {key}, {', '.join(SUMS)})"
        f" VALUES (:tenant, {key_values}, {', '.join(f'CAST(:{name} AS bigint)' for name in SUMS)})"
        f" ON CONFLICT (tenant_id, {key}) DO UPDATE SET "
        + ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in SUMS)
    )


RECORD = text(
    "WITH fact AS (INSERT INTO app.usage_events (tenant_id, occurred_at, id, run_id, agent_ref, release_id, kind, outcome, failure_code,"
    " failure_class, cost_micro_usd, duration_ms, queue_ms) VALUES (:tenant, :at, :id, :run, :agent, :release, 'run', :outcome, :code, :class, :cost_micro_usd,"
    " :duration_ms, :queue)), hour AS ("
    + _roll_up("usage_hourly", "hour_at", "date_trunc('hour', CAST(:at AS timestamptz), 'UTC')")
    + ") "
    + _roll_up("usage_daily", "day, agent_ref", "(CAST(:at AS timestamptz) AT TIME ZONE 'UTC')::date, :agent")
)
