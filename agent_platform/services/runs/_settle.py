"""An attempt has ended: the next one is queued, or the run is final with money, usage and receipt in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text

from agent_platform.core import outbox
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.live import publish_after_commit
from agent_platform.core.money import compute_cost_micro_usd
from agent_platform.core.queue import enqueue_after_commit
from agent_platform.models.runs import AttemptState, FailureClass, Run, RunAttempt, RunState, StopReason
from agent_platform.services import analytics, billing, runtime
from agent_platform.services.runs._ending import Ending, compute_payable, ending_of, refund_of
from agent_platform.services.runs._output import invalid_output
from agent_platform.services.runs._receipts import sign_receipt
from agent_platform.services.runs._states import attempt_of, lock_attempts, lock_run, move_attempt, move_run, tell
from agent_platform.services.runs._tokens import forget_token

IN_SANDBOX = {RunState.STARTING, RunState.RUNNING, RunState.STOPPING}
STOPPING_FIRST = {RunState.CANCELLED, RunState.CAPPED, RunState.TIMED_OUT}


@dataclass(frozen=True)
class Final:
    """A run that has its last state, and the money that is still to move."""

    run: Run
    settlement: billing.Settlement


def settle(*, tenant_id: UUID, run_id: UUID, status: runtime.Status) -> bool:
    """The ended sandbox has had its effect, once: True if it was this call. A stale attempt changes nothing."""
    return settle_many(tenant_id=tenant_id, statuses={run_id: status}) == 1


def settle_many(*, tenant_id: UUID, statuses: Mapping[UUID, runtime.Status]) -> int:
    """As `settle` for runs of one tenant, in one transaction. Returns how many ends this call brought about."""
    with tenant_session(tenant_id) as session, session.no_autoflush:
        ended = [
            _conclude(session, run, attempt, statuses[run.id])
            for run, attempt in lock_attempts(session, list(statuses))
            if run.state in IN_SANDBOX and run.attempt == statuses[run.id].attempt
        ]
        _post(session, ended)
    return len(ended)


def _conclude(session: TenantSession, run: Run, attempt: RunAttempt, status: runtime.Status) -> Final | None:
    attempt.exit_code = status.exit_code
    attempt.diagnosis = {
        "phase": status.phase.value,
        "reason": status.reason.value if status.reason else "",
        "detail": status.detail,
    }
    return _end(session, run, attempt, ending_of(run, attempt, status, invalid_output(session, run, attempt)))


def settle_unlaunched(*, tenant_id: UUID, run_id: UUID, attempt: int, sentence: str) -> None:
    """A run whose sandbox can never start is failed by the platform and costs nothing."""
    with tenant_session(tenant_id) as session:
        run = lock_run(session, run_id)
        if run.state == RunState.STARTING and run.attempt == attempt:
            ending = Ending(RunState.FAILED, AttemptState.FAILED, FailureClass.PLATFORM, "launch_failed", sentence)
            _post(session, [_end(session, run, attempt_of(session, run), ending)])


def settle_unclaimed(session: TenantSession, run: Run, ending: Ending) -> None:
    """A locked run that never left the queue is final: cancelled, or failed because it waited too long."""
    _post(session, [_end(session, run, attempt_of(session, run), ending)])


def next_attempt(
    session: TenantSession,
    run: Run,
    attempt: RunAttempt,
    *,
    reason: str,
    wait_seconds: int,
    sentence: str | None = None,
) -> None:
    """The locked run waits in the queue with a fresh attempt; rows and charges without a key are gone."""
    forget_token(session, attempt)
    _void_charges(session, run, "keyless")
    session.execute(
        text("DELETE FROM app.run_items WHERE tenant_id = :tenant AND run_id = :run AND key IS NULL"),
        {"tenant": session.tenant_id, "run": run.id},
    )
    run.item_count = session.execute(
        text("SELECT count(*) FROM app.run_items WHERE tenant_id = :tenant AND run_id = :run"),
        {"tenant": session.tenant_id, "run": run.id},
    ).scalar_one()
    run.attempt += 1
    run.progress_done = run.progress_total = run.progress_message = None
    move_run(session, run, RunState.QUEUED, attempt=run.attempt, reason=reason, sentence=sentence)
    session.add(RunAttempt(tenant_id=session.tenant_id, run_id=run.id, number=run.attempt, reason=reason))
    session.execute(
        text(
            "UPDATE app.dispatch SET state = 'queued', attempt = :attempt, lease_until = NULL, worker = NULL, cancel_sent_at = NULL,"
            " ready_at = now() + make_interval(secs => :wait) WHERE tenant_id = :tenant AND run_id = :run"
        ),
        {"attempt": run.attempt, "wait": wait_seconds, "tenant": session.tenant_id, "run": run.id},
    )
    if not wait_seconds:
        _wake(session, session.tenant_id, run.id, run.attempt)
    publish_after_commit(session, f"run:{run.id}", f"usage:{session.tenant_id}")


def _end(session: TenantSession, run: Run, attempt: RunAttempt, ending: Ending) -> Final | None:
    """None when another attempt follows; else what `_post` has to finish."""
    _close_attempt(session, run, attempt, ending)
    if ending.run_state == RunState.QUEUED:
        if ending.uses_platform_retry:
            run.platform_retries_left -= 1
        else:
            run.retries_left -= 1
        reason = "platform" if ending.uses_platform_retry else "retry"
        next_attempt(
            session, run, attempt, reason=reason, wait_seconds=ending.retry_in_seconds, sentence=ending.sentence
        )
        return None
    return _finish(session, run, attempt, ending)


def _close_attempt(session: TenantSession, run: Run, attempt: RunAttempt, ending: Ending) -> None:
    now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    attempt.ended_at = now
    if attempt.state == AttemptState.LAUNCHING and ending.attempt_state == AttemptState.SUCCEEDED:
        move_attempt(attempt, AttemptState.RUNNING)
    move_attempt(attempt, AttemptState.KILLED if attempt.state == AttemptState.CREATED else ending.attempt_state)
    forget_token(session, attempt)
    if attempt.ready_at is not None and ending.failure_class != FailureClass.PLATFORM:
        spent_ms = max(0, round((now - attempt.ready_at).total_seconds() * 1000))
        run.compute_ms += spent_ms
        run.compute_micro_usd += compute_cost_micro_usd(run.memory_mb, spent_ms)
    tell(
        session,
        run,
        "run.attempt_ended",
        attempt=attempt.number,
        state=attempt.state,
        code=ending.code,
        sentence=ending.sentence,
    )


def _finish(session: TenantSession, run: Run, attempt: RunAttempt, ending: Ending) -> Final:
    if ending.run_state in STOPPING_FIRST and run.state in {RunState.STARTING, RunState.RUNNING}:
        run.stop_reason = run.stop_reason or StopReason.TIMED_OUT
        move_run(session, run, RunState.STOPPING, reason=run.stop_reason)
    if ending.run_state == RunState.SUCCEEDED and run.state == RunState.STARTING:
        move_run(session, run, RunState.RUNNING)
    if "result" in (attempt.spoken or {}) and ending.run_state in {
        RunState.SUCCEEDED,
        RunState.CAPPED,
        RunState.CANCELLED,
    }:
        value = (attempt.spoken or {})["result"]
        run.result = value if isinstance(value, dict) else {"value": value}
    run.failure_class, run.failure_code, run.failure_message = ending.failure_class, ending.code, ending.sentence
    refunded = _void_charges(session, run, refund_of(run.price, ending))
    prices = run.charged_micro_usd
    passed_on = compute_payable(
        run.price, ending, compute_micro_usd=run.compute_micro_usd, room_micro_usd=run.cap_micro_usd - prices
    )
    settled = billing.plan_settlement(session, run_id=run.id, compute_micro_usd=passed_on)
    run.charged_micro_usd = settled.charged_micro_usd
    run.finished_at = attempt.ended_at
    move_run(
        session,
        run,
        ending.run_state,
        charged_micro_usd=settled.charged_micro_usd,
        released_micro_usd=settled.released_micro_usd,
        refunded_micro_usd=refunded,
        code=ending.code,
        sentence=ending.sentence,
        stopped_by=run.stopped_by,
    )
    sign_receipt(session, run, compute_paid_micro_usd=passed_on)
    _tell_creator(session, run, prices=prices, passed_on=passed_on)
    tenant = session.tenant_id
    publish_after_commit(session, f"run:{run.id}", f"ended:{run.id}", f"usage:{tenant}")
    return Final(run, settled)


def _post(session: TenantSession, ended: Sequence[Final | None]) -> None:
    """Last before the commit: rows that all runs of the tenant share, so that they are locked for the shortest time.

    Accounts before slots, as at accept; nobody waits for the other the wrong way round.
    """
    session.flush()
    finals = [final for final in ended if final is not None]
    for final in finals:
        analytics.record_run(session, final.run)
    for final in finals:
        billing.post_settlement(session, final.settlement)
    for final in finals:
        _leave_queue(session, final.run)


def _void_charges(session: TenantSession, run: Run, which: str) -> int:
    """`all`, `keyless` (of the attempt that ended), `unused` (charges without a stored row) or `none`. Returns what went back to the hold."""
    narrower = {
        "all": "",
        "keyless": " AND NOT keyed AND event <> 'run'",
        "unused": " AND NOT EXISTS (SELECT 1 FROM app.run_items i WHERE i.charge_id = c.id)",
    }
    if which not in narrower:
        return 0
    total = session.execute(
        text(
            "WITH voided AS (UPDATE app.run_charges c SET voided_micro_usd = amount_micro_usd WHERE tenant_id = :tenant AND run_id = :run"
            " AND voided_micro_usd = 0"
            + narrower[which]
            + " RETURNING amount_micro_usd) SELECT coalesce(sum(amount_micro_usd), 0)::bigint FROM voided"
        ),
        {"tenant": session.tenant_id, "run": run.id},
    ).scalar_one()
    if total:
        source_id = uuid5(run.id, f"void {which} {run.attempt}")
        billing.void(session, run_id=run.id, source_id=source_id, amount_micro_usd=total)
    run.charged_micro_usd -= total
    return total


def _tell_creator(session: TenantSession, run: Run, *, prices: int, passed_on: int) -> None:
    """What crosses to other books leaves as a message: share, fee and figures, never input, output or log."""
    refunded = run.failure_class == FailureClass.PLATFORM
    outbox.put(
        session,
        "run.settled",
        run_id=run.id,
        publisher_tenant_id=run.publisher_tenant_id,
        release_id=run.release_id,
        consumer_tenant_id=session.tenant_id,
        outcome=run.state,
        failure_class=run.failure_class or "",
        duration_ms=_duration_ms(run),
        price_micro_usd=prices,
        passed_on_micro_usd=passed_on,
        compute_micro_usd=run.compute_micro_usd,
        refunded_by_platform=refunded,
        finished_at=run.finished_at,
    )


def _leave_queue(session: TenantSession, run: Run) -> None:
    """The place goes to the tenant's oldest parked run, or back."""
    promoted = session.execute(LEAVE, {"tenant": session.tenant_id, "run": run.id}).one_or_none()
    if promoted is not None:
        _wake(session, session.tenant_id, promoted.run_id, promoted.attempt)


LEAVE = text(
    "WITH gone AS (DELETE FROM app.dispatch WHERE tenant_id = :tenant AND run_id = :run RETURNING state),"
    " promoted AS (UPDATE app.dispatch SET state = 'queued', ready_at = now() WHERE EXISTS (SELECT 1 FROM gone WHERE state <> 'parked')"
    " AND (tenant_id, run_id) = (SELECT tenant_id, run_id FROM app.dispatch WHERE tenant_id = :tenant AND state = 'parked' AND run_id <> :run"
    " ORDER BY created_at, run_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING run_id, attempt),"
    " given_back AS (UPDATE app.tenant_slots SET taken = greatest(taken - 1, 0) WHERE tenant_id = :tenant"
    " AND EXISTS (SELECT 1 FROM gone WHERE state <> 'parked') AND NOT EXISTS (SELECT 1 FROM promoted))"
    " SELECT run_id, attempt FROM promoted"
)


def _wake(session: TenantSession, tenant_id: UUID, run_id: UUID, attempt: int) -> None:
    arguments: dict[str, Any] = {"tenant_id": str(tenant_id), "run_id": str(run_id), "attempt": attempt}
    enqueue_after_commit(session, "runs", "workers.jobs.launch_run", **arguments)


def _duration_ms(run: Run) -> int:
    if run.started_at is None or run.finished_at is None:
        return 0
    return max(0, round((run.finished_at - run.started_at).total_seconds() * 1000))
