"""Who may speak for a run: the current attempt, while the run is on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import new_id, shown
from agent_platform.core.keys import opaque_reference
from agent_platform.core.live import publish_after_commit
from agent_platform.models.approvals import Approval
from agent_platform.models.runs import AttemptState, Run, RunAttempt, RunState
from agent_platform.services import billing
from agent_platform.services.runs._input import file_ids, find_upload
from agent_platform.services.runs._room import room_of, row_prices
from agent_platform.services.runs._states import Locked, lock_attempt, move_attempt, move_run, tell
from agent_platform.services.runs.errors import TokenDead

LIVE = {RunState.STARTING, RunState.RUNNING, RunState.STOPPING}


@dataclass(frozen=True)
class Handed:
    """What an attempt is told, and where its code lies in the object store."""

    document: dict[str, Any]
    folder: str
    digest: str


def speaking_attempt(session: TenantSession, run_id: UUID, attempt: int) -> tuple[Run, RunAttempt]:
    """Run and attempt, locked. Raises: TokenDead when another attempt has taken over or the run is over."""
    locked = _lock_speaker(session, run_id, attempt)
    return locked.run, locked.attempt


def _lock_speaker(session: TenantSession, run_id: UUID, attempt: int) -> Locked:
    try:
        locked = lock_attempt(session, run_id)
    except NotFound:
        raise TokenDead from None
    if locked.run.attempt != attempt or locked.run.state not in LIVE:
        raise TokenDead
    if locked.attempt.state not in {AttemptState.LAUNCHING, AttemptState.RUNNING}:
        raise TokenDead
    return locked


def hand_input(session: TenantSession, *, run_id: UUID, attempt: int) -> Handed:
    """What the sandbox may know. The first call marks attempt and run as running, and takes the price of the run where it has one."""
    run, current, now = _lock_speaker(session, run_id, attempt)
    if current.state == AttemptState.LAUNCHING:
        move_attempt(current, AttemptState.RUNNING)
        current.ready_at = now
        run.started_at = run.started_at or now
        if run.state == RunState.STARTING:
            move_run(session, run, RunState.RUNNING, now, attempt=attempt)
            _take_run_price(session, run)
        publish_after_commit(session, f"run:{run.id}", f"usage:{session.tenant_id}")
    return Handed(_input_document(session, run, current), current.spec["folder"], current.spec["digest"])


def _input_document(session: TenantSession, run: Run, attempt: RunAttempt) -> dict[str, Any]:
    fields = {name: value for name, value in run.input.items() if isinstance(value, str) and value.startswith("file_")}
    uploads = [upload for value in _named(session, run) if (upload := find_upload(session, value))]
    started = attempt.ready_at or run.queued_at
    return {
        "run_id": shown("run", run.id),
        "attempt": attempt.number,
        "kind": "run",
        "entry": attempt.spec["entry"],
        "bundle_digest": attempt.spec["digest"],
        "input": run.input,
        "env": attempt.spec.get("env", {}),
        "subject": opaque_reference("subject", str(session.tenant_id), run.agent_ref),
        "dry_run": run.is_dry_run,
        "network": [rule["host"] for rule in run.options.get("network", ())],
        "cap_micro_usd": run.cap_micro_usd,
        "spent_micro_usd": run.charged_micro_usd,
        "row_prices": row_prices(run),
        "room": room_of(run, attempt),
        "deadline": (started + timedelta(seconds=run.timeout_seconds)).isoformat(),
        "files": [{"id": shown("file", upload.id), "name": upload.name, "bytes": upload.bytes} for upload in uploads],
        "file_fields": fields,
    }


def _named(session: TenantSession, run: Run) -> list[str]:
    """The uploads that its input and what was answered to it name."""
    answers = _answers(session, run) if run.approval_count else ()
    return [value for given in (run.input, *answers) for value in file_ids(given or {})]


def _answers(session: TenantSession, run: Run) -> Iterable[dict[str, Any] | None]:
    query = select(col(Approval.answer)).where(
        col(Approval.tenant_id) == session.tenant_id, col(Approval.run_id) == run.id
    )
    return session.execute(query).scalars()


def _take_run_price(session: TenantSession, run: Run) -> None:
    """One unit of the event `run`, once for the run and not for each attempt."""
    if run.price["model"] != "per_run":
        return
    taken = session.execute(
        text("SELECT 1 FROM app.run_charges WHERE tenant_id = :tenant AND run_id = :run AND event = 'run'"),
        {"tenant": session.tenant_id, "run": run.id},
    ).first()
    amount = run.price["events"]["run"]["price_micro_usd"]
    if taken is not None or not amount:
        return
    charge_id = new_id()
    session.execute(
        text(
            "INSERT INTO app.run_charges (tenant_id, id, run_id, attempt, event, units, keyed, amount_micro_usd)"
            " VALUES (:tenant, :id, :run, :attempt, 'run', 1, true, :amount)"
        ),
        {"tenant": session.tenant_id, "id": charge_id, "run": run.id, "attempt": run.attempt, "amount": amount},
    )
    billing.capture(session, run_id=run.id, charge_id=charge_id, amount_micro_usd=amount)
    run.charged_micro_usd += amount
    tell(session, run, "run.charged", event="run", amount_micro_usd=amount)


def bundle_of(session: TenantSession, *, run_id: UUID, attempt: int) -> tuple[str, str]:
    """Folder and digest of the code in the object store. Raises: TokenDead."""
    _, current = speaking_attempt(session, run_id, attempt)
    return current.spec["folder"], current.spec["digest"]


def input_file(session: TenantSession, *, run_id: UUID, attempt: int, name: str) -> tuple[str, str]:
    """(sha256, media type) of a file the input or an answer names, by id or name, or of one the run has put. Raises: NotFound, TokenDead."""
    run, _ = speaking_attempt(session, run_id, attempt)
    for value in _named(session, run):
        upload = find_upload(session, value)
        if upload and name in {value, upload.name}:
            return upload.sha256, upload.media_type
    row = session.execute(
        text(
            "SELECT sha256, media_type FROM app.run_files WHERE tenant_id = :tenant AND run_id = :run AND kind = 'output' AND name = :name"
        ),
        {"tenant": session.tenant_id, "run": run.id, "name": name},
    ).one_or_none()
    if row is None:
        raise NotFound(f"This run has no file {name!r}.")
    return row.sha256, row.media_type
