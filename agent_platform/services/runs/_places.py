"""A run's place in the queue and its tenant's slots: who gives one up hands it to the tenant's oldest parked run."""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.queue import enqueue_after_commit
from agent_platform.models.runs import Run, RunAttempt
from agent_platform.services.runs._tokens import FORGET

log = structlog.get_logger()
# `gone` is the row that gave up its slot, if it held one
HAND_ON = (
    f" forgotten AS ({FORGET}),"
    " promoted AS (UPDATE app.dispatch SET state = 'queued', ready_at = now() WHERE EXISTS (SELECT 1 FROM gone WHERE held)"
    " AND (tenant_id, run_id) = (SELECT tenant_id, run_id FROM app.dispatch WHERE tenant_id = :tenant AND state = 'parked' AND run_id <> :run"
    " ORDER BY created_at, run_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING run_id, attempt),"
    " given_back AS (UPDATE app.tenant_slots SET taken = greatest(taken - 1, 0) WHERE tenant_id = :tenant"
    " AND EXISTS (SELECT 1 FROM gone WHERE held) AND NOT EXISTS (SELECT 1 FROM promoted))"
    " SELECT run_id, attempt FROM promoted"
)
LEAVE = text(
    "WITH gone AS (DELETE FROM app.dispatch WHERE tenant_id = :tenant AND run_id = :run"
    " RETURNING state IN ('queued', 'leased') AND holds_slot AS held)," + HAND_ON
)
STEP_ASIDE = text(
    "WITH gone AS (UPDATE app.dispatch SET state = 'waiting', ready_at = :until, lease_until = NULL, worker = NULL, cancel_sent_at = NULL"
    " WHERE tenant_id = :tenant AND run_id = :run AND state IN ('queued', 'leased') RETURNING holds_slot AS held),"
    + HAND_ON
)
COME_BACK = text(
    "WITH slot AS (UPDATE app.tenant_slots SET taken = taken + 1 WHERE tenant_id = :tenant AND taken < cap"
    " AND EXISTS (SELECT 1 FROM app.dispatch WHERE tenant_id = :tenant AND run_id = :run AND holds_slot) RETURNING taken)"
    " UPDATE app.dispatch SET state = CASE WHEN NOT holds_slot OR EXISTS (SELECT 1 FROM slot) THEN 'queued' ELSE 'parked' END,"
    " created_at = now() WHERE tenant_id = :tenant AND run_id = :run RETURNING state"
)


def leave_queue(session: TenantSession, run: Run, attempt: RunAttempt) -> None:
    """The run has no place any more, and nobody can speak for its attempt."""
    _hand_on(session, LEAVE, {"run": run.id, "key": attempt.token_hash})


def step_aside(session: TenantSession, run: Run, attempt: RunAttempt, *, until: datetime) -> None:
    """The run keeps its row, holds no slot, and is looked at again at `until`; nobody can speak for its attempt."""
    _hand_on(session, STEP_ASIDE, {"run": run.id, "key": attempt.token_hash, "until": until})


def come_back(session: TenantSession, run: Run) -> str:
    """The run that had stepped aside is `queued` if a slot is free, else `parked` behind the runs of its tenant."""
    return session.execute(COME_BACK, {"tenant": session.tenant_id, "run": run.id}).scalar_one()


def wake_run(session: TenantSession, run_id: UUID, attempt: int) -> None:
    arguments = {"tenant_id": str(session.tenant_id), "run_id": str(run_id), "attempt": attempt}
    enqueue_after_commit(session, "runs", "workers.jobs.launch_run", **arguments)


def _hand_on(session: TenantSession, statement: Any, values: dict[str, Any]) -> None:
    promoted = session.execute(statement, {"tenant": session.tenant_id} | values).one_or_none()
    if promoted is not None:
        wake_run(session, promoted.run_id, promoted.attempt)


def hand_out_places(tenant_id: UUID) -> int:
    """No run is parked beside a free place, and `taken` is what is taken. Returns how many runs got a place.

    A run may be parked in the very moment in which the last place is given back: neither transaction sees the other.
    """
    try:
        with tenant_session(tenant_id) as session:
            values = {"tenant": tenant_id}
            cap = session.execute(
                LOCK_PLACES, values
            ).scalar_one()  # first, so that nobody takes one while they are counted
            taken = session.execute(TAKEN, values).scalar_one()
            placed = session.execute(PLACE, values | {"free": max(0, cap - taken)}).all()
            session.execute(RECOUNT, values | {"taken": taken + len(placed)})
            for row in placed:
                wake_run(session, row.run_id, row.attempt)
            return len(placed)
    except Exception:
        log.exception("places_not_handed_out", tenant_id=str(tenant_id))
        return 0


LOCK_PLACES = text("SELECT cap FROM app.tenant_slots WHERE tenant_id = :tenant FOR UPDATE")
TAKEN = text(
    "SELECT count(*) FROM app.dispatch WHERE tenant_id = :tenant AND state IN ('queued', 'leased') AND holds_slot"
)
PLACE = text(
    "UPDATE app.dispatch SET state = 'queued', ready_at = now() WHERE (tenant_id, run_id) IN (SELECT tenant_id, run_id FROM app.dispatch"
    " WHERE tenant_id = :tenant AND state = 'parked' ORDER BY created_at, run_id LIMIT :free FOR UPDATE SKIP LOCKED) RETURNING run_id, attempt"
)
RECOUNT = text("UPDATE app.tenant_slots SET taken = :taken WHERE tenant_id = :tenant AND taken <> :taken")
