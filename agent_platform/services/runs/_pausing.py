"""The step from running to waiting."""

from datetime import datetime

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.live import publish_after_commit
from agent_platform.models.runs import Run, RunAttempt, RunState
from agent_platform.services.runs._decisions import ask_to_resume
from agent_platform.services.runs._states import move_run


def begin_waiting(session: TenantSession, run: Run, attempt: RunAttempt) -> datetime:
    """The run waits for the answer to its question, until the returned moment. Nothing is metered meanwhile; an answer that came
    first is used at once.
    """
    question = session.execute(
        text(
            "SELECT title, role, state, expires_at FROM app.approvals WHERE tenant_id = :tenant AND run_id = :run AND key = :key"
        ),
        {"tenant": session.tenant_id, "run": run.id, "key": (attempt.spoken or {})["approval"]},
    ).one()
    move_run(
        session, run, RunState.WAITING, title=question.title, role=question.role, until=question.expires_at.isoformat()
    )
    if question.state != "pending":
        ask_to_resume(session, run)
    publish_after_commit(session, f"run:{run.id}", f"usage:{session.tenant_id}")
    return question.expires_at
