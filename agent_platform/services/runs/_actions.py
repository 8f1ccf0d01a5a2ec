"""What people do to runs and files: stop, run again, upload."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import text

from agent_platform.core import objects
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Forbidden, InputInvalid, NotFound
from agent_platform.core.ids import new_id
from agent_platform.core.live import publish_after_commit
from agent_platform.core.policy import Caller
from agent_platform.core.queue import after_commit, enqueue_after_commit
from agent_platform.core.uploads import MOST_UPLOAD_BYTES
from agent_platform.models.run_records import FileKind, RunFile
from agent_platform.models.runs import FINAL_RUN_STATES, Run, RunState, StopReason
from agent_platform.services.runs._input import UPLOAD_HOURS, find_upload
from agent_platform.services.runs._request import RunRequest
from agent_platform.services.runs._start import start
from agent_platform.services.runs._states import lock_run, move_run
from agent_platform.services.runs._unused import drop_unused, wanted_bytes
from agent_platform.services.runs.errors import RunAlreadyFinished

MOST_NAME_CHARACTERS = 200
CANCEL_SECONDS = 30


def cancel(session: TenantSession, *, run_id: UUID, caller: Caller) -> Run:
    """The run is being stopped, by this person; repeating is harmless. Raises: RunAlreadyFinished, Forbidden, NotFound."""
    run = lock_run(session, run_id)
    if caller.role == "member" and run.started_by_user_id != caller.user_id:
        raise Forbidden("Members stop their own runs. Ask an admin, or the person who started it.")
    if run.state in FINAL_RUN_STATES:
        raise RunAlreadyFinished(f"This run has already finished ({run.state}). Nothing changed.")
    begin_stop(session, run, by=caller.user_name)
    return run


def begin_stop(session: TenantSession, run: Run, *, by: str) -> None:
    """A locked, unfinished run is being stopped, and the runs it started with it."""
    if run.stop_reason is None:
        run.stop_reason, run.stopped_by = StopReason.CANCELLED, by
        if run.state in {RunState.STARTING, RunState.RUNNING}:
            run.stop_deadline_at = session.execute(
                text("SELECT now() + make_interval(secs => :grace)"), {"grace": CANCEL_SECONDS}
            ).scalar_one()
            move_run(session, run, RunState.STOPPING, reason=run.stop_reason, by=by)
    which = {"tenant_id": str(session.tenant_id), "run_id": str(run.id)}
    enqueue_after_commit(session, "runs", "workers.jobs.stop_run", **which)
    if run.child_count:
        enqueue_after_commit(session, "runs", "workers.jobs.stop_children", **which)
    publish_after_commit(session, f"run:{run.id}", f"usage:{session.tenant_id}")


def rerun(
    session: TenantSession, *, run_id: UUID, idempotency_key: str, caller: Caller, cap_micro_usd: int | None = None
) -> Run:
    """A new run of the same agent with the same input, at today's price; with the old cap unless another is given."""
    old = lock_run(session, run_id)
    publisher, _, slug = old.agent_ref.partition("/")
    request = RunRequest(
        publisher, slug, dict(old.input), idempotency_key, cap_micro_usd=cap_micro_usd or old.cap_micro_usd
    )
    return start(session, replace(request, rerun_of=old.id, dry_run=old.is_dry_run), caller=caller)


def store_upload(
    session: TenantSession,
    *,
    name: str,
    media_type: str,
    chunks: Iterable[bytes],
    by: UUID | None,
    most_bytes: int = MOST_UPLOAD_BYTES,
) -> RunFile:
    """The bytes are stored for use as a run's input. Raises: TooLarge, InputInvalid."""
    folder = objects.tenant_folder(session.tenant_id)
    rest = iter(chunks)
    first = next(filter(None, rest), b"")
    if not first:
        raise InputInvalid(f"{plain_name(name)} is empty. Choose a file with content.")
    sha256, size = objects.put(folder, chain([first], rest), most_bytes=most_bytes)
    upload = RunFile(
        tenant_id=session.tenant_id,
        id=new_id(),
        kind=FileKind.INPUT,
        name=plain_name(name),
        media_type=media_type[:100] or "application/octet-stream",
        bytes=size,
        sha256=sha256,
        created_by_user_id=by,
        expires_at=session.execute(
            text("SELECT now() + make_interval(hours => :hours)"), {"hours": UPLOAD_HOURS}
        ).scalar_one(),
    )
    session.add(upload)
    session.flush()
    return upload


def open_upload(session: TenantSession, *, file_id: str) -> BinaryIO:
    """The bytes of an upload, by the id its form was given. Raises: NotFound."""
    upload = find_upload(session, file_id)
    if upload is None:
        raise NotFound("The upload is gone. Choose the file again.")
    return objects.open_object(objects.tenant_folder(session.tenant_id), upload.sha256)


def discard_upload(session: TenantSession, *, file_id: str) -> None:
    """An upload that became something else, or nothing, is forgotten; its bytes go unless something else has the same ones.

    One that a run has named stays.
    """
    upload = find_upload(session, file_id)
    if upload is not None and drop_unused(session, upload.id) and not wanted_bytes(session, {upload.sha256}):
        folder = objects.tenant_folder(session.tenant_id)
        after_commit(session, lambda: objects.delete(folder, upload.sha256))


def store_output(session: TenantSession, run: Run, *, name: str, media_type: str, stored: tuple[str, int]) -> None:
    """The run has this file; the same name again replaces it."""
    values: dict[str, Any] = {
        "tenant": session.tenant_id,
        "id": new_id(),
        "run": run.id,
        "name": plain_name(name),
        "media": media_type[:100],
        "bytes": stored[1],
        "sha": stored[0],
        "attempt": run.attempt,
    }
    session.execute(
        text(
            "INSERT INTO app.run_files (tenant_id, id, run_id, kind, name, media_type, bytes, sha256, attempt)"
            " VALUES (:tenant, :id, :run, 'output', :name, :media, :bytes, :sha, :attempt)"
            " ON CONFLICT (tenant_id, run_id, name) WHERE kind = 'output'"
            " DO UPDATE SET media_type = :media, bytes = :bytes, sha256 = :sha, attempt = :attempt"
        ),
        values,
    )
    publish_after_commit(session, f"run:{run.id}")


def plain_name(name: str) -> str:
    """A file name without folders or control characters."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(character for character in base if character.isprintable()).strip(" .")
    return kept[:MOST_NAME_CHARACTERS] or "file"
