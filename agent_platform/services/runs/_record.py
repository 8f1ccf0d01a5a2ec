"""What an agent says: numbered batches become rows, charges, log and progress, each exactly once."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.live import publish_after_commit
from agent_platform.models.runs import Run, RunAttempt, RunState, StopReason
from agent_platform.services.runs._charging import charge_units, store_items
from agent_platform.services.runs._events import Event
from agent_platform.services.runs._notes import Line, notes_of
from agent_platform.services.runs._room import room_of
from agent_platform.services.runs._speaker import speaking_attempt
from agent_platform.services.runs._states import move_run

MOST_LOG_BYTES = 10 * 1_048_576
CAP_GRACE_SECONDS = 10
LOG_FULL = "The log of this run reached 10 MiB. Later lines are not kept."


def record(session: TenantSession, *, run_id: UUID, attempt: int, events: list[Event]) -> dict[str, Any]:
    """Every event after the last acknowledged one is stored; a repeated batch gets its first answer again. Raises: TokenDead."""
    run, current = speaking_attempt(session, run_id, attempt)
    answers: dict[str, Any] = {}
    fresh = [event for event in events if event.seq > current.acked_seq]
    for event in fresh:
        if event.type not in {"log", "progress"}:
            answers[str(event.seq)] = HANDLERS[event.type](session, run, current, event)
    said = [[event.at, event.level, event.text, event.fields] for event in fresh if event.type == "log"]
    _write_log(session, run, current, said + notes_of(session, run, current, fresh))
    _show_progress(run, [event for event in fresh if event.type == "progress"])
    known = current.outcomes.get("batch", {})
    if fresh:
        current.acked_seq = fresh[-1].seq
        current.outcomes = {**current.outcomes, "batch": answers}
        _publish(session, run)
    repeated = {str(event.seq): known[str(event.seq)] for event in events if str(event.seq) in known}
    return {
        "ack": current.acked_seq,
        "outcomes": {**repeated, **answers},
        "spent_micro_usd": run.charged_micro_usd,
        "cap_micro_usd": run.cap_micro_usd,
        "cap_reached": run.stop_reason == StopReason.CAPPED,
        "room": room_of(run, current),
        "stop": run.stop_reason if run.state == RunState.STOPPING else None,
    }


def _items(session: TenantSession, run: Run, attempt: RunAttempt, event: Event) -> dict[str, Any]:
    stored = store_items(session, run, attempt, event)
    return _outcome(session, run, stored, len(event.items) - stored)


def _charge(session: TenantSession, run: Run, _attempt: RunAttempt, event: Event) -> dict[str, Any]:
    paid = charge_units(session, run, event)
    return _outcome(session, run, paid, event.count - paid)


def _outcome(session: TenantSession, run: Run, accepted: int, dropped: int) -> dict[str, Any]:
    if dropped:
        run.dropped_count += dropped
        if run.state == RunState.RUNNING:
            _stop_at_cap(session, run)
    return {
        "accepted": accepted,
        "dropped": dropped,
        "cap_reached": dropped > 0 and run.stop_reason == StopReason.CAPPED,
    }


def _stop_at_cap(session: TenantSession, run: Run) -> None:
    run.stop_reason = StopReason.CAPPED
    run.stop_deadline_at = session.execute(
        text("SELECT now() + make_interval(secs => :grace)"), {"grace": CAP_GRACE_SECONDS}
    ).scalar_one()
    move_run(session, run, RunState.STOPPING, reason=run.stop_reason)


def _result(_session: TenantSession, _run: Run, attempt: RunAttempt, event: Event) -> dict[str, Any]:
    attempt.spoken = {"result": event.value}
    return {}


def _error(_session: TenantSession, _run: Run, attempt: RunAttempt, event: Event) -> dict[str, Any]:
    attempt.spoken = {"error": event.error}
    return {}


HANDLERS: dict[str, Callable[[TenantSession, Run, RunAttempt, Event], dict[str, Any]]] = {
    "items": _items,
    "charge": _charge,
    "result": _result,
    "error": _error,
}


def _write_log(session: TenantSession, run: Run, attempt: RunAttempt, lines: list[Line]) -> None:
    if not lines or run.log_bytes >= MOST_LOG_BYTES:
        return
    size = len(Event.dumps(lines).encode())
    if run.log_bytes + size >= MOST_LOG_BYTES:
        lines = [[lines[0][0], "warn", LOG_FULL, {}]]
        size = MOST_LOG_BYTES - run.log_bytes
    run.event_seq += 1
    session.execute(
        text(
            "INSERT INTO app.run_log_chunks (tenant_id, run_id, seq, attempt, lines, line_count, bytes)"
            " VALUES (:tenant, :run, :seq, :attempt, CAST(:lines AS jsonb), :count, :bytes)"
        ),
        {
            "tenant": session.tenant_id,
            "run": run.id,
            "seq": run.event_seq,
            "attempt": attempt.number,
            "lines": Event.dumps(lines),
            "count": len(lines),
            "bytes": size,
        },
    )
    run.log_bytes += size


def _show_progress(run: Run, events: list[Event]) -> None:
    if events:
        last = events[-1]
        run.progress_done, run.progress_total = last.done, last.total
        run.progress_message = last.message or run.progress_message


def _publish(session: TenantSession, run: Run) -> None:
    publish_after_commit(session, f"run:{run.id}")
