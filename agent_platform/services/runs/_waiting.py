"""A run that waits for a person: its sandbox is gone, its hold stays, its slot serves others until it comes back."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.models.approvals import Approval, ApprovalState
from agent_platform.models.runs import AttemptState, Run, RunAttempt, RunState
from agent_platform.services.runs._ending import Ending
from agent_platform.services.runs._questions import expire
from agent_platform.services.runs._settle import next_attempt, post, settle_waiting
from agent_platform.services.runs._states import attempt_of, lock_run, tell

ANSWERED = text(
    "SELECT r.tenant_id, r.id AS run_id FROM app.runs r JOIN app.approvals p ON (p.tenant_id, p.run_id) = (r.tenant_id, r.id)"
    " WHERE r.tenant_id = :tenant AND r.state = 'waiting' AND p.state <> 'pending'"
)


def resume(*, tenant_id: UUID, run_id: UUID) -> bool:
    """An answered, expired or stopped run has left its waiting; True if it was this call. Safe to repeat."""
    with tenant_session(tenant_id) as session:
        try:
            run = lock_run(session, run_id)
        except NotFound:
            return False
        if run.state != RunState.WAITING:
            return False
        attempt = attempt_of(session, run)
        if run.stop_reason is not None:
            settle_waiting(session, run, attempt, Ending(RunState.CANCELLED, AttemptState.SUSPENDED))
            return True
        question = _awaited(session, run, attempt)
        if question.state == ApprovalState.PENDING and not _expired(session, run, question):
            return False
        post(session, [next_attempt(session, run, attempt, reason="resume", wait_seconds=0)])
        return True


def waiting_due() -> list[Any]:
    """Waiting runs whose question has expired, was answered, or that were stopped, whatever became of their wake-ups."""
    with dispatch_session() as session:
        rows = session.execute(
            text("SELECT tenant_id, run_id, ready_at <= now() AS is_due FROM app.dispatch WHERE state = 'waiting'")
        )
        waiting = list(rows)
    due = [row for row in waiting if row.is_due]
    for tenant_id in {row.tenant_id for row in waiting}:
        with tenant_session(tenant_id) as session:
            due += session.execute(ANSWERED, {"tenant": tenant_id})
    return due


def _awaited(session: TenantSession, run: Run, attempt: RunAttempt) -> Approval:
    return session.execute(
        select(Approval)
        .where(
            col(Approval.tenant_id) == session.tenant_id,
            col(Approval.run_id) == run.id,
            col(Approval.key) == (attempt.spoken or {})["approval"],
        )
        .with_for_update()
    ).scalar_one()


def _expired(session: TenantSession, run: Run, question: Approval) -> bool:
    if question.expires_at > session.execute(text("SELECT now()")).scalar_one():
        return False
    expire(session, question)
    tell(session, run, "run.expired", title=question.title, on_expire=question.on_expire)
    return True
