"""The one door to a new run: rules, quote, hold, queue place and wake-up in one transaction."""

import hashlib
import json
from typing import Any

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import new_id
from agent_platform.core.live import publish_after_commit
from agent_platform.core.policy import Caller
from agent_platform.core.queue import enqueue_after_commit
from agent_platform.models.runs import Run, RunAttempt
from agent_platform.services import billing, catalog
from agent_platform.services.runs._input import checked_input, file_fields, find_upload
from agent_platform.services.runs._quote import bounds_of
from agent_platform.services.runs._request import RunRequest
from agent_platform.services.runs._states import tell
from agent_platform.services.runs._terms import accept_called, terms_of
from agent_platform.services.runs._unused import keep_named
from agent_platform.services.runs.errors import IdempotencyKeyReused, QueueFull

MOST_RETRIES = 3
# A free slot means queued, none means parked behind the tenant's own runs. Plain SQL: the web role may write `dispatch` and not read it.
QUEUE = text(
    "WITH slot AS (UPDATE app.tenant_slots SET taken = taken + 1 WHERE tenant_id = :tenant AND taken < cap RETURNING 1),"
    " place AS (SELECT CASE WHEN EXISTS (SELECT 1 FROM slot) THEN 'queued' ELSE 'parked' END AS state),"
    " queued AS (INSERT INTO app.dispatch (tenant_id, run_id, state, attempt, fence, priority)"
    " SELECT :tenant, :run, state, 1, 0, 0 FROM place) SELECT state FROM place"
)

CHILD_QUEUE = text(
    "INSERT INTO app.dispatch (tenant_id, run_id, state, attempt, fence, priority, holds_slot)"
    " VALUES (:tenant, :run, 'queued', 1, 0, 0, false)"
)


def start(session: TenantSession, request: RunRequest, *, caller: Caller) -> Run:
    """The run is accepted: queued, with its money on hold. The same key and request again return the same run.

    Raises: RunInputInvalid, BalanceTooLow, CapBelowSmallest, PermissionsNotAccepted, AgentNotAllowed, QueueFull, NotFound, Forbidden.
    """
    digest = _request_digest(request)
    before = _same_key(session, request.idempotency_key, digest)
    if before is not None:
        return before
    runnable = catalog.find_runnable(session, publisher=request.publisher, slug=request.slug, number=request.version)
    catalog.require_allowed(session, runnable)
    _refuse_unaccepted_child(request, runnable)
    catalog.require_accepted(session, runnable, caller=caller, accept=request.accept_permissions)
    if request.parent is None and runnable.manifest.permissions["agents"]:
        accept_called(session, runnable.manifest, caller)
    run = _new_run(session, request, runnable, caller, digest)
    any_credit = _any_credit(session, run.price)
    session.add(run)
    session.add(RunAttempt(tenant_id=session.tenant_id, run_id=run.id, number=1))
    tell(session, run, "run.queued", cap_micro_usd=run.cap_micro_usd)
    session.flush()
    # Last: rows that all runs of the tenant share, so that they are locked for the shortest time.
    if request.parent is not None:
        billing.lend(session, lender_id=request.parent.id, run_id=run.id, amount_micro_usd=run.cap_micro_usd)
    elif not run.is_dry_run:
        billing.reserve(session, run_id=run.id, amount_micro_usd=run.cap_micro_usd, any_credit=any_credit)
    if _take_place(session, run) == "queued":
        wake(session, run)
    publish_after_commit(session, f"run:{run.id}", f"usage:{session.tenant_id}")
    return run


def _refuse_unaccepted_child(request: RunRequest, runnable: catalog.Runnable) -> None:
    """What a run may call was accepted when it started; an agent that was let in since then waits for the next one."""
    if request.parent is not None and runnable.needs_yes:
        raise catalog.PermissionsNotAccepted(
            f"Nobody here has accepted what {runnable.name} may do. Nothing was charged. Run it once, then start the calling agent again."
        )


def wake(session: TenantSession, run: Run) -> None:
    enqueue_after_commit(
        session,
        "runs",
        "workers.jobs.launch_run",
        tenant_id=str(session.tenant_id),
        run_id=str(run.id),
        attempt=run.attempt,
    )


def _new_run(
    session: TenantSession, request: RunRequest, runnable: catalog.Runnable, caller: Caller, digest: str
) -> Run:
    manifest = runnable.manifest
    keep_named(session, request.input)  # first: what is still there now is there when the run begins
    complete = checked_input(session, manifest.input_schema, request.input)
    bounds = bounds_of(session, request, runnable)
    return Run(
        tenant_id=session.tenant_id,
        id=new_id(),
        agent_ref=runnable.agent_ref,
        agent_name=runnable.name,
        version=runnable.version,
        own_version_id=runnable.own_version_id,
        release_id=runnable.release_id,
        publisher_tenant_id=runnable.publisher_tenant_id,
        origin=request.origin,
        title=_title(session, manifest.input_schema, complete, runnable.name),
        input=complete,
        options={
            "request": digest,
            "metadata": request.metadata,
            "quoted_p90_micro_usd": billing.quoted_p90(runnable.history),
            **terms_of(manifest, complete, caller),
        },
        price=bounds.price,
        cap_micro_usd=bounds.cap_micro_usd,
        memory_mb=bounds.memory_mb,
        cpu=manifest.resources.cpu,
        disk_mb=manifest.resources.disk_mb,
        timeout_seconds=bounds.timeout_seconds,
        retries_left=min(request.retries, MOST_RETRIES),
        idempotency_key=request.idempotency_key,
        started_by_user_id=caller.user_id,
        started_by_name=caller.user_name,
        rerun_of=request.rerun_of,
        parent_run_id=request.parent.id if request.parent else None,
        is_dry_run=request.dry_run,
    )


def _same_key(session: TenantSession, key: str, digest: str) -> Run | None:
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"{session.tenant_id} {key}"}
    )  # a double click waits here
    run = session.execute(
        select(Run).where(col(Run.tenant_id) == session.tenant_id, col(Run.idempotency_key) == key)
    ).scalar_one_or_none()
    if run is not None and run.options.get("request") != digest:
        raise IdempotencyKeyReused(
            "This form was already sent with other values. Nothing was charged again; reload the page and run once more."
        )
    return run


def _request_digest(request: RunRequest) -> str:
    facts = [
        request.publisher,
        request.slug,
        request.input,
        request.cap_micro_usd,
        request.memory_mb,
        request.timeout_seconds,
        request.retries,
        *(["version", request.version] if request.version else []),
        *(["dry run"] if request.dry_run else []),
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def _take_place(session: TenantSession, run: Run) -> str:
    """`queued` or `parked`. A child run shares the slot of its parent, which waits for it. Raises: QueueFull."""
    if run.parent_run_id is not None:
        session.execute(CHILD_QUEUE, {"tenant": session.tenant_id, "run": run.id})
        return "queued"
    place = session.execute(QUEUE, {"tenant": session.tenant_id, "run": run.id}).scalar_one()
    if place == "parked":
        _refuse_full_queue(session)
        tell(session, run, "run.parked")
    return place


def _refuse_full_queue(session: TenantSession) -> None:
    waiting, most = session.execute(
        text(
            "SELECT (SELECT count(*) FROM app.runs WHERE state = 'queued' AND finished_at IS NULL), p.queued_runs"
            " FROM app.tenants t JOIN platform.plans p ON p.name = t.plan"
        )
    ).one()
    if waiting > most:
        raise QueueFull(
            f"{waiting - 1:,} runs of this workspace are waiting, the most its plan allows. Nothing was charged. Try again when some have finished.",
            retry_after_seconds=10,
        )


def _any_credit(session: TenantSession, price: dict[str, Any]) -> bool:
    """Unfunded credit pays platform cost; for priced agents only where the operator lets grants pay creators."""
    if price["model"] in {"free", "own"}:
        return True
    flags = session.execute(text("SELECT value FROM platform.settings WHERE key = 'flags'")).scalar_one_or_none() or {}
    return bool(flags.get("grants_pay_creators"))


def _title(session: TenantSession, schema: dict[str, Any], complete: dict[str, Any], otherwise: str) -> str:
    for _, _, value in file_fields(schema, complete):
        upload = find_upload(session, value)
        if upload is not None:
            return upload.name[:120]
    said = (
        complete[name]
        for name, field in schema.get("properties", {}).items()
        if field.get("type") == "string"
        and "enum" not in field
        and isinstance(complete.get(name), str)
        and complete[name].strip()
    )
    return " ".join(next(said, otherwise).split())[:80]
