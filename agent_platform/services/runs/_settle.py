"""An attempt has ended: the next one is queued, or the run is final with money, usage and receipt in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.live import publish_after_commit
from agent_platform.core.money import compute_cost_micro_usd
from agent_platform.core.queue import enqueue_after_commit
from agent_platform.models.runs import AttemptState, FailureClass, Origin, Run, RunAttempt, RunState, StopReason
from agent_platform.services import analytics, billing, runtime
from agent_platform.services.runs._charging import void_charges
from agent_platform.services.runs._creators import tell_creator
from agent_platform.services.runs._ending import Ending, compute_payable, ending_of, refund_of
from agent_platform.services.runs._evidence import seen_of
from agent_platform.services.runs._lenders import lock_lenders, return_unused
from agent_platform.services.runs._output import invalid_output
from agent_platform.services.runs._pausing import begin_waiting
from agent_platform.services.runs._places import come_back, leave_queue, step_aside, wake_run
from agent_platform.services.runs._receipts import sign_receipt
from agent_platform.services.runs._states import (
    Locked,
    attempt_of,
    database_now,
    lock_attempts,
    lock_run,
    move_attempt,
    move_run,
    tell,
)
from agent_platform.services.runs._tokens import FORGET

CANCEL_QUESTIONS = text(
    "UPDATE app.approvals SET state = 'cancelled', decided_at = now() WHERE tenant_id = :tenant AND run_id = :run AND state = 'pending'"
)
# priority of a run that was lost with its host as often as it may be: perhaps it is what kills the host
LAST_CHANCE = -1
IN_SANDBOX = {RunState.STARTING, RunState.RUNNING, RunState.STOPPING}
STOPPING_FIRST = {RunState.CANCELLED, RunState.CAPPED, RunState.TIMED_OUT}


@dataclass(frozen=True)
class Owed:
    """What the end of an attempt still has to change in rows that all runs of the tenant share.

    `settlement` of a run that has its last state, with the runs that lent it money; `refund` of one that goes on without the
    charges of this attempt; `waits_until` of one that waits for a person, `comes_back` of one that had waited.
    """

    run: Run
    attempt: RunAttempt
    settlement: billing.Settlement | None = None
    lenders: Sequence[Run] = ()
    refund: billing.Refund | None = None
    waits_until: datetime | None = None
    comes_back: bool = False


def settle(*, tenant_id: UUID, run_id: UUID, status: runtime.Status) -> bool:
    """The ended sandbox has had its effect, once: True if it was this call. A stale attempt changes nothing."""
    return settle_many(tenant_id=tenant_id, statuses={run_id: status}) == 1


def settle_many(*, tenant_id: UUID, statuses: Mapping[UUID, runtime.Status]) -> int:
    """As `settle` for runs of one tenant, in one transaction. Returns how many ends this call brought about."""
    with tenant_session(tenant_id) as session, session.no_autoflush:
        ended = [
            _conclude(session, locked, statuses[locked.run.id])
            for locked in lock_attempts(session, list(statuses))
            if locked.run.state in IN_SANDBOX and locked.run.attempt == statuses[locked.run.id].attempt
        ]
        post(session, ended)
    return len(ended)


def _conclude(session: TenantSession, locked: Locked, status: runtime.Status) -> Owed:
    run, attempt, at = locked
    attempt.exit_code = status.exit_code
    seen, invalid = seen_of(session, attempt, status), invalid_output(session, run, attempt)
    told = {"phase": status.phase.value, "reason": str(status.reason or ""), "detail": status.detail}
    attempt.diagnosis = told | ({"broker_was_out": True} if seen.broker_was_out else {})
    return _end(session, run, attempt, ending_of(run, attempt, status, seen=seen, invalid=invalid), at)


def settle_unlaunched(*, tenant_id: UUID, run_id: UUID, attempt: int, sentence: str) -> None:
    """A run whose sandbox can never start is failed by the platform and costs nothing."""
    with tenant_session(tenant_id) as session:
        run = lock_run(session, run_id)
        if run.state == RunState.STARTING and run.attempt == attempt:
            ending = Ending(RunState.FAILED, AttemptState.FAILED, FailureClass.PLATFORM, "launch_failed", sentence)
            post(session, [_end(session, run, attempt_of(session, run), ending, database_now(session))])


def settle_unclaimed(session: TenantSession, run: Run, ending: Ending) -> None:
    """A locked run that never left the queue is final: cancelled, or failed because it waited too long."""
    locked = Locked(run, attempt_of(session, run), database_now(session))
    post(session, [end_unclaimed(session, locked, ending)])


def end_unclaimed(session: TenantSession, locked: Locked, ending: Ending) -> Owed:
    """As `settle_unclaimed`, to be posted together with others."""
    return _end(session, locked.run, locked.attempt, ending, locked.at)


def next_attempt(
    session: TenantSession,
    run: Run,
    attempt: RunAttempt,
    *,
    reason: str,
    wait_seconds: int,
    sentence: str | None = None,
) -> Owed:
    """The locked run waits in the queue with a fresh attempt; rows and charges without a key are gone. `post` what is returned."""
    last_chance = reason in {"platform", "driver"} and run.platform_retries_left == 0
    refund = void_charges(session, run, "keyless")
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
            f"WITH forgotten AS ({FORGET})"
            " UPDATE app.dispatch SET state = 'queued', attempt = :attempt, lease_until = NULL, worker = NULL, cancel_sent_at = NULL,"
            " priority = :priority, ready_at = now() + make_interval(secs => :wait) WHERE tenant_id = :tenant AND run_id = :run"
        ),
        {
            "key": attempt.token_hash,
            "attempt": run.attempt,
            "wait": wait_seconds,
            "tenant": session.tenant_id,
            "run": run.id,
            "priority": LAST_CHANCE if last_chance else 0,
        },
    )
    comes_back = reason == "resume"
    # Those of the last chance are let go one by one, by the reconciler.
    if not wait_seconds and not comes_back and not last_chance:
        wake_run(session, run.id, run.attempt)
    publish_after_commit(session, f"run:{run.id}", f"usage:{session.tenant_id}")
    return Owed(run, attempt, refund=refund, comes_back=comes_back)


def _end(session: TenantSession, run: Run, attempt: RunAttempt, ending: Ending, at: datetime) -> Owed:
    """The run is final, or another attempt follows, now or after an answer; `post` finishes it."""
    _close_attempt(session, run, attempt, ending, at)
    if ending.run_state == RunState.QUEUED:
        if ending.uses_platform_retry:
            run.platform_retries_left -= 1
        else:
            run.retries_left -= 1
        reason = "platform" if ending.uses_platform_retry else "retry"
        return next_attempt(
            session, run, attempt, reason=reason, wait_seconds=ending.retry_in_seconds, sentence=ending.sentence
        )
    if ending.run_state == RunState.WAITING:
        return Owed(run, attempt, waits_until=begin_waiting(session, run, attempt))
    return _finish(session, run, attempt, ending, at)


def settle_waiting(session: TenantSession, run: Run, attempt: RunAttempt, ending: Ending) -> None:
    """A locked run that waits for a person is final; its last attempt had ended before."""
    post(session, [_finish(session, run, attempt, ending, database_now(session))])


def _close_attempt(session: TenantSession, run: Run, attempt: RunAttempt, ending: Ending, at: datetime) -> None:
    attempt.ended_at = at
    if attempt.state == AttemptState.LAUNCHING and ending.attempt_state == AttemptState.SUCCEEDED:
        move_attempt(attempt, AttemptState.RUNNING)
    move_attempt(attempt, AttemptState.KILLED if attempt.state == AttemptState.CREATED else ending.attempt_state)
    if attempt.ready_at is not None and ending.failure_class != FailureClass.PLATFORM:
        spent_ms = max(0, round((at - attempt.ready_at).total_seconds() * 1000))
        run.compute_ms += spent_ms
        run.compute_micro_usd += compute_cost_micro_usd(run.memory_mb, spent_ms)
    tell(
        session,
        run,
        "run.attempt_ended",
        at,
        attempt=attempt.number,
        state=attempt.state,
        code=ending.code,
        sentence=ending.sentence,
    )


def _finish(session: TenantSession, run: Run, attempt: RunAttempt, ending: Ending, at: datetime) -> Owed:
    if ending.run_state in STOPPING_FIRST and run.state in {RunState.STARTING, RunState.RUNNING}:
        run.stop_reason = run.stop_reason or StopReason.TIMED_OUT
        move_run(session, run, RunState.STOPPING, at, reason=run.stop_reason)
    if ending.run_state == RunState.SUCCEEDED and run.state == RunState.STARTING:
        move_run(session, run, RunState.RUNNING, at)
    if "result" in (attempt.spoken or {}) and ending.run_state in {
        RunState.SUCCEEDED,
        RunState.CAPPED,
        RunState.CANCELLED,
    }:
        value = (attempt.spoken or {})["result"]
        run.result = value if isinstance(value, dict) else {"value": value}
    run.failure_class, run.failure_code, run.failure_message = ending.failure_class, ending.code, ending.sentence
    is_ours = run.origin in {Origin.TEST, Origin.DEMO}  # at the expense of the platform: everything goes back
    refund = void_charges(session, run, "all" if is_ours else refund_of(run.price, ending))
    prices = run.charged_micro_usd
    passed_on = compute_payable(
        run.price,
        ending,
        compute_micro_usd=0 if is_ours else run.compute_micro_usd,
        room_micro_usd=run.cap_micro_usd - run.child_micro_usd - prices,
    )
    lenders = lock_lenders(session, run) if run.parent_run_id else []
    settled = billing.plan_settlement(session, run_id=run.id, compute_micro_usd=passed_on, refund=refund)
    run.charged_micro_usd = settled.charged_micro_usd
    run.finished_at = at
    move_run(
        session,
        run,
        ending.run_state,
        at,
        charged_micro_usd=settled.charged_micro_usd,
        released_micro_usd=settled.released_micro_usd,
        refunded_micro_usd=refund.amount_micro_usd,
        code=ending.code,
        sentence=ending.sentence,
        stopped_by=run.stopped_by,
    )
    sign_receipt(session, run, compute_paid_micro_usd=passed_on)
    if not (run.is_dry_run or is_ours):
        tell_creator(session, run, prices=prices, passed_on=passed_on)
    _end_what_it_began(session, run)
    tenant = session.tenant_id
    publish_after_commit(session, f"run:{run.id}", f"ended:{run.id}", f"usage:{tenant}")
    return Owed(run, attempt, settlement=settled, lenders=lenders)


def _end_what_it_began(session: TenantSession, run: Run) -> None:
    """Nobody is asked any more, and runs that it started are stopped."""
    if run.approval_count:
        session.execute(CANCEL_QUESTIONS, {"tenant": session.tenant_id, "run": run.id})
    if run.child_count:
        which = {"tenant_id": str(session.tenant_id), "run_id": str(run.id)}
        enqueue_after_commit(session, "runs", "workers.jobs.stop_children", **which)


def post(session: TenantSession, ended: Sequence[Owed]) -> None:
    """Last before the commit: rows that all runs of the tenant share, so that they are locked for the shortest time.

    Figures, accounts, slots, in this order wherever a transaction touches more than one of them, refunds included: else two of
    them wait for each other.
    """
    session.flush()
    finals = [owed for owed in ended if owed.settlement is not None]
    paid = [final for final in finals if final.run.origin != Origin.DEMO]  # a demo is nobody's usage and moves nothing
    for final in paid:
        analytics.record_run(session, final.run)
    if any(final.lenders for final in finals):
        billing.lock_book(session)
    billing.post_settlements(
        session,
        [final.settlement for final in paid if final.settlement],
        refunds={owed.run.id: owed.refund for owed in ended if owed.refund},
    )
    for final in finals:
        if final.lenders and final.settlement:
            return_unused(session, final.run, final.lenders, amount_micro_usd=final.settlement.released_micro_usd)
    for owed in ended:
        _move_in_queue(session, owed)


def _move_in_queue(session: TenantSession, owed: Owed) -> None:
    if owed.settlement is not None:
        leave_queue(session, owed.run, owed.attempt)
    elif owed.waits_until is not None:
        step_aside(session, owed.run, owed.attempt, until=owed.waits_until)
    elif owed.comes_back and come_back(session, owed.run) == "queued":
        wake_run(session, owed.run.id, owed.run.attempt)
