"""A finished demo is forgotten: its rows, files, log and input. Of no other run anything is deleted here, and the database refuses it."""

from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict
from agent_platform.models.runs import Origin
from agent_platform.services.runs._states import lock_run

# The run itself goes last: the others are told by it that they are of a demo.
LEFT_BY_A_RUN = (
    *("run_items", "run_files", "run_kv", "run_log_chunks", "run_egress", "run_egress_use", "approvals"),
    *("run_events", "run_attempts"),
)


def forget_demo(session: TenantSession, *, run_id: UUID) -> None:
    """No row of the run is left; bytes in the object store are for the caller. Raises: Conflict for another run, or one that goes on."""
    run = lock_run(session, run_id)
    if run.origin != Origin.DEMO or run.finished_at is None:
        raise Conflict("Only a demo that has ended is forgotten. Nothing was deleted.")
    values = {"tenant": session.tenant_id, "run": run_id}
    for table in LEFT_BY_A_RUN:
        session.execute(text(f"DELETE FROM app.{table} WHERE tenant_id = :tenant AND run_id = :run"), values)
    session.execute(text("DELETE FROM app.runs WHERE tenant_id = :tenant AND id = :run"), values)
    session.expunge(run)
