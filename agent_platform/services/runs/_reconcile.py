"""What the queue says against what the drivers say: lost work is found, adopted, tried again or ended."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.runs import FINAL_RUN_STATES, AttemptState, FailureClass, RunState, StopReason
from agent_platform.services import runtime
from agent_platform.services.runs._children import orphans_due, stop_child
from agent_platform.services.runs._ending import Ending
from agent_platform.services.runs._execute import LEASE_SECONDS, launch, launch_many
from agent_platform.services.runs._places import hand_out_places
from agent_platform.services.runs._settle import settle, settle_many, settle_unclaimed
from agent_platform.services.runs._states import lock_run
from agent_platform.services.runs._tokens import renew_tokens
from agent_platform.services.runs._waiting import resume, waiting_due

log = structlog.get_logger()
BATCH = 20
LAUNCHES, LAUNCH_SECONDS = 200, 8.0
QUEUE_HOURS = 24
# queued for two seconds and nobody woke: Redis lost the wake-up, or a retry has become due
OVERLOOKED = "state = 'queued' AND ready_at < now() - interval '2 seconds' AND priority >= 0"
EXPIRED = "state = 'leased' AND lease_until < now()"
TOO_OLD = f"state IN ('queued', 'parked') AND created_at < now() - interval '{QUEUE_HOURS} hours'"
STOPS_DUE = text(
    "SELECT r.tenant_id, r.id AS run_id FROM app.runs r JOIN app.dispatch d ON (d.tenant_id, d.run_id) = (r.tenant_id, r.id)"
    " WHERE r.finished_at IS NULL AND r.stop_reason IS NOT NULL AND d.cancel_sent_at IS NULL"
    " AND (r.stop_deadline_at IS NULL OR r.stop_deadline_at < now())"
)
KILL_AFTER_SECONDS = {StopReason.CANCELLED: 30.0, StopReason.CAPPED: 10.0, StopReason.TIMED_OUT: 5.0}


def renew_leases(handles: dict[UUID, int]) -> int:
    """Runs whose sandbox is alive keep their lease and their token. `handles`: run id -> attempt."""
    if not handles:
        return 0
    with dispatch_session() as session:
        kept = session.execute(
            text(
                "UPDATE app.dispatch d SET lease_until = now() + make_interval(secs => :lease) FROM"
                " unnest(CAST(:runs AS uuid[]), CAST(:attempts AS integer[])) AS live(run_id, attempt)"
                " WHERE d.run_id = live.run_id AND d.attempt = live.attempt AND d.state = 'leased'"
                " RETURNING d.tenant_id, d.run_id, d.token_until < now() + interval '1 minute' AS token_is_due"
            ),
            {"lease": LEASE_SECONDS, "runs": list(handles), "attempts": list(handles.values())},
        ).all()
    renew_tokens(row for row in kept if row.token_is_due)
    return len(kept)


def reconcile(driver: runtime.RuntimeDriver) -> dict[str, int]:
    """One round; safe beside other rounds and beside watch. Returns how much was done of each kind; a run that fails stops no other."""
    return {
        "placed": sum(hand_out_places(tenant_id) for tenant_id in _tenants_with("state = 'parked'")),
        "launched": _launch_overlooked(driver),
        "expired_leases": _each(_dispatch_rows(EXPIRED), lambda row: _look_after_expired(driver, row)),
        "stopped": _each(_stops_due(), lambda row: press_stop(driver, tenant_id=row.tenant_id, run_id=row.run_id)),
        "resumed": _each(waiting_due(), lambda row: resume(tenant_id=row.tenant_id, run_id=row.run_id)),
        "orphaned": _each(orphans_due(), lambda row: stop_child(tenant_id=row.tenant_id, run_id=row.run_id)),
        "expired_queue": _each(_dispatch_rows(TOO_OLD), _expire_queue),
        "orphans": _end_orphans(driver),
    }


def _each(rows: list[Any], act: Callable[[Any], object]) -> int:
    done = 0
    for row in rows:
        try:
            act(row)
            done += 1
        except runtime.Transient:
            continue
        except Exception:
            log.exception("reconcile_failed", run_id=str(getattr(row, "run_id", row)))
    return done


def _launch_overlooked(driver: runtime.RuntimeDriver) -> int:
    """What does not fit into the round waits for the next: a lease runs while those before it are started."""
    launched, until = 0, time.monotonic() + LAUNCH_SECONDS
    for tenant_id, run_ids in _batches(_overlooked(driver)):
        if time.monotonic() > until:
            break
        try:
            launched += launch_many(driver, tenant_id=tenant_id, run_ids=run_ids, worker="reconciler")
        except Exception:
            log.exception("launch_one_by_one", tenant_id=str(tenant_id), runs=len(run_ids))
            launched += _each(run_ids, lambda run_id, tenant_id=tenant_id: _launch_one(driver, tenant_id, run_id))
    return launched


def _batches(by_tenant: Mapping[UUID, list[UUID]]) -> Iterator[tuple[UUID, list[UUID]]]:
    for tenant_id, run_ids in by_tenant.items():
        for begin in range(0, len(run_ids), BATCH):
            yield tenant_id, run_ids[begin : begin + BATCH]


def _launch_one(driver: runtime.RuntimeDriver, tenant_id: UUID, run_id: UUID) -> None:
    launch(driver, tenant_id=tenant_id, run_id=run_id, worker="reconciler")


def _overlooked(driver: runtime.RuntimeDriver) -> dict[UUID, list[UUID]]:
    """Tenant -> its runs that nobody woke: as many as the driver has room for, and one when it is full or away, to find out."""
    try:
        found = driver.capabilities()
        room = found.most_sandboxes - found.sandboxes
    except runtime.Transient:
        room = 0
    by_tenant: dict[UUID, list[UUID]] = {}
    for row in _dispatch_rows(OVERLOOKED, most=max(1, min(room, LAUNCHES))):
        by_tenant.setdefault(row.tenant_id, []).append(row.run_id)
    return by_tenant


def _look_after_expired(driver: runtime.RuntimeDriver, row: Any) -> None:
    status = driver.status(runtime.handle_of(row.run_id, row.attempt))
    if status.phase.is_terminal:
        conclude(driver, tenant_id=row.tenant_id, run_id=row.run_id, attempt=row.attempt, status=status)
    else:
        renew_leases({row.run_id: row.attempt})


def conclude(
    driver: runtime.RuntimeDriver, *, tenant_id: UUID, run_id: UUID, attempt: int, status: runtime.Status
) -> None:
    """The ended sandbox is settled and no trace of it is left. An unknown handle counts as lost for this attempt."""
    if status.attempt != attempt:
        status = lost_status(run_id, attempt)
    settle(tenant_id=tenant_id, run_id=run_id, status=status)
    driver.destroy(runtime.handle_of(run_id, attempt))


def conclude_many(driver: runtime.RuntimeDriver, statuses: Sequence[runtime.Status]) -> None:
    """As `conclude` for what a driver reports, tenant by tenant. Sandboxes that no run waits for are destroyed.

    An end that cannot be settled now is found again by the reconciler; it holds up no other.
    """
    by_tenant: dict[UUID, dict[UUID, runtime.Status]] = {}
    for status, tenant_id in _with_tenants(statuses):
        if tenant_id is None:
            driver.destroy(status.handle)
        else:
            by_tenant.setdefault(tenant_id, {})[UUID(status.run_id)] = status
    for tenant_id, ended in by_tenant.items():
        _conclude_together(driver, tenant_id, ended)


def _with_tenants(statuses: Sequence[runtime.Status]) -> Iterator[tuple[runtime.Status, UUID | None]]:
    """Where the driver does not say whose sandbox it is, the queue does; None when nobody waits for it."""
    unknown = [UUID(status.run_id) for status in statuses if not status.tenant_id]
    waiting = _waiting_for(unknown) if unknown else {}
    for status in statuses:
        yield status, UUID(status.tenant_id) if status.tenant_id else waiting.get((UUID(status.run_id), status.attempt))


def _waiting_for(run_ids: Sequence[UUID]) -> dict[tuple[UUID, int], UUID]:
    """(run, attempt) in the queue -> tenant."""
    with dispatch_session() as session:
        rows = session.execute(
            text("SELECT run_id, attempt, tenant_id FROM app.dispatch WHERE run_id = ANY(:runs)"), {"runs": run_ids}
        )
        return {(row.run_id, row.attempt): row.tenant_id for row in rows}


def _conclude_together(driver: runtime.RuntimeDriver, tenant_id: UUID, ended: Mapping[UUID, runtime.Status]) -> None:
    try:
        settle_many(tenant_id=tenant_id, statuses=ended)
    except Exception:
        if len(ended) == 1:
            raise
        log.exception("settle_one_by_one", tenant_id=str(tenant_id), runs=len(ended))
        for run_id, status in ended.items():
            with contextlib.suppress(Exception):  # the reconciler meets it again, alone, and says what is wrong
                conclude(driver, tenant_id=tenant_id, run_id=run_id, attempt=status.attempt, status=status)
        return
    for status in ended.values():
        driver.destroy(status.handle)


def lost_status(run_id: UUID, attempt: int) -> runtime.Status:
    return runtime.Status(
        handle=runtime.handle_of(run_id, attempt),
        run_id=str(run_id),
        attempt=attempt,
        phase=runtime.Phase.LOST,
        reason=runtime.Reason.LOST,
        detail="no sandbox of this attempt",
    )


def press_stop(driver: runtime.RuntimeDriver, *, tenant_id: UUID, run_id: UUID) -> None:
    """A run that somebody stopped: out of the queue at once, or its sandbox is told to end and then killed."""
    with tenant_session(tenant_id) as session:
        run = lock_run(session, run_id)
        if run.state in FINAL_RUN_STATES:
            return
        reason = StopReason(run.stop_reason or StopReason.CANCELLED)
        if run.state == RunState.QUEUED and run.stop_reason == StopReason.CANCELLED:
            settle_unclaimed(session, run, Ending(RunState.CANCELLED, AttemptState.KILLED))
            return
        waits = run.state == RunState.WAITING
        handle = runtime.handle_of(run_id, run.attempt)
    if waits:
        resume(tenant_id=tenant_id, run_id=run_id)
        return
    driver.cancel(handle, KILL_AFTER_SECONDS[reason])
    with tenant_session(tenant_id) as session:  # after the driver took it: a call that was lost is made again
        session.execute(
            text("UPDATE app.dispatch SET cancel_sent_at = now() WHERE tenant_id = :tenant AND run_id = :run"),
            {"tenant": tenant_id, "run": run_id},
        )


def _stops_due() -> list[Any]:
    """Stops whose job was lost, and runs at their cap that did not end by themselves within the grace. Looked for tenant by tenant."""
    found: list[Any] = []
    for tenant_id in _tenants_with("cancel_sent_at IS NULL"):
        with tenant_session(tenant_id) as session:
            found += session.execute(STOPS_DUE)
    return found


def _tenants_with(condition: str) -> list[UUID]:
    """Workspaces that have such a row in the queue."""
    with dispatch_session() as session:
        return list(session.execute(text("SELECT DISTINCT tenant_id FROM app.dispatch WHERE " + condition)).scalars())


def _expire_queue(row: Any) -> None:
    with tenant_session(row.tenant_id) as session:
        run = lock_run(session, row.run_id)
        if run.state == RunState.QUEUED:
            sentence = f"No worker was free for {QUEUE_HOURS} hours."
            failed = Ending(RunState.FAILED, AttemptState.KILLED, FailureClass.PLATFORM, "queue_expired", sentence)
            settle_unclaimed(session, run, failed)


def _end_orphans(driver: runtime.RuntimeDriver) -> int:
    """Sandboxes of attempts that nobody waits for any more are gone, also those that are still at work."""
    try:
        statuses = {status.handle: status for status in driver.list()}
    except runtime.Transient:
        return 0
    if not statuses:
        return 0
    wanted = _wanted_handles()
    orphans = [status.handle for status in statuses.values() if status.handle not in wanted and _is_of_a_run(status)]
    for handle in orphans:
        driver.destroy(handle)
    return len(orphans)


def _is_of_a_run(status: runtime.Status) -> bool:
    """Builds are swept by their own domain."""
    return not status.run_id.startswith("build")


def _wanted_handles() -> set[str]:
    """Read after the driver's list: whatever was started has its row committed before."""
    with dispatch_session() as session:
        rows = session.execute(text("SELECT run_id, attempt FROM app.dispatch"))
        return {runtime.handle_of(row.run_id, row.attempt) for row in rows}


def _dispatch_rows(condition: str, *, most: int = BATCH) -> list[Any]:
    with dispatch_session() as session:
        return list(
            session.execute(
                text(
                    "SELECT tenant_id, run_id, attempt FROM app.dispatch WHERE "
                    + condition
                    + " ORDER BY ready_at LIMIT :limit"
                ),
                {"limit": most},
            )
        )
