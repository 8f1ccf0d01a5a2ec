"""Runs that were lost with their host as often as they may be: perhaps one of them is what brings it down.

They start one at a time. One that does harm dies alone and for good, and takes along only runs that have chances left.
"""

from typing import Any

from sqlalchemy import text

from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runtime
from agent_platform.services.runs._execute import launch
from agent_platform.services.runs._settle import LAST_CHANCE

PROOF_SECONDS = 2
MOST_ATTEMPTS = 8
AT_WORK = text("SELECT tenant_id, run_id, attempt FROM app.dispatch WHERE priority = :last AND state = 'leased'")
NEXT = text(
    "UPDATE app.dispatch SET ready_at = now() WHERE (tenant_id, run_id) = (SELECT tenant_id, run_id FROM app.dispatch"
    " WHERE priority = :last AND state = 'queued' AND ready_at <= now() ORDER BY ready_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " AND NOT EXISTS (SELECT 1 FROM app.dispatch WHERE priority = :last AND state = 'leased') RETURNING tenant_id, run_id"
)
FREE = text(
    "UPDATE app.dispatch SET priority = 0 WHERE tenant_id = :tenant AND run_id = :run AND priority = :last AND EXISTS (SELECT 1 FROM app.run_attempts"
    " WHERE tenant_id = :tenant AND run_id = :run AND number = :attempt AND ready_at < now() - make_interval(secs => :proof))"
)
TRUST = text(
    "UPDATE app.runs SET platform_retries_left = platform_retries_left + 1 WHERE tenant_id = :tenant AND id = :run AND attempt < :most"
)


def let_one_go(driver: runtime.RuntimeDriver) -> int:
    """The next run on its last chance is starting, if none of them has to show yet that it does no harm. Returns how many started.

    Raises: Transient while the driver is away: then nobody can show anything.
    """
    with dispatch_session() as session:
        at_work = session.execute(AT_WORK, {"last": LAST_CHANCE}).all()
    for row in at_work:
        if driver.status(runtime.handle_of(row.run_id, row.attempt)).phase == runtime.Phase.RUNNING:
            _trust_if_harmless(row)
    with dispatch_session() as session:
        due = session.execute(NEXT, {"last": LAST_CHANCE}).all()
    return sum(launch(driver, tenant_id=row.tenant_id, run_id=row.run_id, worker="quarantine") for row in due)


def _trust_if_harmless(row: Any) -> None:
    """An agent that is at work for a while and harmed nobody may be lost once more."""
    values = {"tenant": row.tenant_id, "run": row.run_id}
    proof = {"last": LAST_CHANCE, "attempt": row.attempt, "proof": PROOF_SECONDS}
    with tenant_session(row.tenant_id) as session:
        if session.execute(FREE, {**values, **proof}).rowcount:  # pyright: ignore[reportAttributeAccessIssue]
            session.execute(TRUST, {**values, "most": MOST_ATTEMPTS})
