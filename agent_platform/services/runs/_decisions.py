"""What people do with the questions of runs: read them and decide, once."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict, Forbidden, InputInvalid, NotFound
from agent_platform.core.ids import shown
from agent_platform.core.live import publish_after_commit
from agent_platform.core.policy import LADDER, Caller
from agent_platform.core.queue import enqueue_after_commit
from agent_platform.models.approvals import Approval, ApprovalState
from agent_platform.models.runs import Run
from agent_platform.services import audit
from agent_platform.services.runs._input import file_problems
from agent_platform.services.runs._questions import checked_answer
from agent_platform.services.runs._states import lock_run, tell
from agent_platform.services.runs._unused import keep_named

MOST_COMMENT_CHARACTERS = 2_000
MOST_LISTED = 100


@dataclass(frozen=True)
class PendingApproval:
    approval: Approval
    run: Run


def decide(
    session: TenantSession,
    *,
    approval_id: UUID,
    approved: bool,
    caller: Caller,
    comment: str = "",
    answer: dict[str, Any] | None = None,
) -> Approval:
    """The question is answered, by this person; the run goes on soon. Raises: Forbidden, Conflict, InputInvalid, NotFound."""
    run, approval = _locked(session, approval_id)
    if not may_decide(approval, caller):
        raise Forbidden(f"This question is for the role {approval.role} or higher. Nothing was decided.")
    _refuse_late(session, approval)
    approval.answer = checked_answer(approval.form, answer or {}) if approved else {}
    keep_named(session, approval.answer)
    if problem := next(file_problems(session, approval.form, approval.answer), None):
        raise InputInvalid(f"{problem.message} Nothing was decided.")
    approval.state = ApprovalState.APPROVED if approved else ApprovalState.REJECTED
    approval.decided_at = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    approval.decided_by_user_id, approval.decided_by_name = caller.user_id, caller.user_name
    approval.comment = comment.strip()[:MOST_COMMENT_CHARACTERS]
    tell(
        session,
        run,
        f"run.{approval.state}",
        title=approval.title,
        by=caller.user_name,
        comment=approval.comment or None,
    )
    audit.record(
        session,
        actor=f"user:{caller.user_id}",
        action=f"approval.{approval.state}",
        subject=shown("run", run.id),
        title=approval.title,
    )
    ask_to_resume(session, run)
    publish_after_commit(session, f"run:{run.id}", f"usage:{session.tenant_id}")
    return approval


def may_decide(approval: Approval, caller: Caller) -> bool:
    return caller.role in LADDER and LADDER.index(caller.role) >= LADDER.index(approval.role)


def ask_to_resume(session: TenantSession, run: Run) -> None:
    enqueue_after_commit(
        session, "runs", "workers.jobs.resume_run", tenant_id=str(session.tenant_id), run_id=str(run.id)
    )


def list_approvals(session: TenantSession, *, run_id: UUID) -> list[Approval]:
    """All questions of a run, the oldest first."""
    return list(
        session.execute(
            select(Approval)
            .where(col(Approval.tenant_id) == session.tenant_id, col(Approval.run_id) == run_id)
            .order_by(col(Approval.created_at), col(Approval.id))
        ).scalars()
    )


def list_pending(session: TenantSession) -> list[PendingApproval]:
    """Questions that wait for somebody, the soonest to expire first; at most a hundred."""
    return _pending(session, col(Approval.expires_at), col(Approval.id), most=MOST_LISTED)


def newest_pending(session: TenantSession, *, most: int) -> list[PendingApproval]:
    """The questions that were asked last and wait for somebody, the newest first."""
    return _pending(session, col(Approval.created_at).desc(), col(Approval.id).desc(), most=most)


def count_pending(session: TenantSession) -> int:
    return session.execute(
        text(
            "SELECT count(*) FROM app.approvals WHERE tenant_id = :tenant AND state = 'pending' AND expires_at > now()"
        ),
        {"tenant": session.tenant_id},
    ).scalar_one()


def _pending(session: TenantSession, *order: Any, most: int) -> list[PendingApproval]:
    rows = session.execute(
        select(Approval, Run)
        .join(Run, (col(Run.tenant_id) == col(Approval.tenant_id)) & (col(Run.id) == col(Approval.run_id)))
        .where(
            col(Approval.tenant_id) == session.tenant_id,
            col(Approval.state) == ApprovalState.PENDING.value,
            text("approvals.expires_at > now()"),
        )
        .order_by(*order)
        .limit(most)
    )
    return [PendingApproval(row[0], row[1]) for row in rows]


def _locked(session: TenantSession, approval_id: UUID) -> tuple[Run, Approval]:
    """Run first, as everybody locks them."""
    found = session.execute(
        text("SELECT run_id FROM app.approvals WHERE tenant_id = :tenant AND id = :id"),
        {"tenant": session.tenant_id, "id": approval_id},
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("This question does not exist, or it belongs to another workspace.")
    run = lock_run(session, found)
    return run, session.get_one(Approval, (session.tenant_id, approval_id), with_for_update=True)


def _refuse_late(session: TenantSession, approval: Approval) -> None:
    if approval.state in {ApprovalState.APPROVED, ApprovalState.REJECTED}:
        by = approval.decided_by_name or "somebody"
        raise Conflict(f"{by} has already decided: {approval.state}. Nothing changed.")
    if approval.state == ApprovalState.CANCELLED:
        raise Conflict("The run has ended, so there is nothing to decide any more.")
    past = approval.expires_at <= session.execute(text("SELECT now()")).scalar_one()
    if approval.state == ApprovalState.EXPIRED or past:
        raise Conflict(f"The time to decide is over; without an answer the run goes on as “{approval.on_expire}”.")
