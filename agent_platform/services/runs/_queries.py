"""Reads of runs and what they left, in pages by keyset."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound
from agent_platform.models.run_records import FileKind, Receipt, RunCharge, RunEvent, RunFile
from agent_platform.models.runs import Run, RunAttempt, RunState
from agent_platform.services.runs._input import find_upload

PAGE = 50
LONGEST_CURSOR = 200  # ours have about 100 characters


@dataclass(frozen=True)
class RunFilter:
    """Empty means all."""

    states: tuple[str, ...] = ()
    agent_ref: str = ""
    text: str = ""
    since: datetime | None = None


@dataclass(frozen=True)
class RunPage:
    runs: list[Run]
    next_cursor: str | None


@dataclass(frozen=True)
class Item:
    seq: int
    payload: dict[str, Any]
    amount_micro_usd: int
    created_at: datetime


@dataclass(frozen=True)
class ChargeTotal:
    """All charges of one event of a run; `voided` is what of them was given back."""

    event: str
    units: int
    amount_micro_usd: int
    voided_micro_usd: int


@dataclass(frozen=True)
class LogLine:
    """`seq` is the chunk's number; a follower asks for chunks after it."""

    seq: int
    at: str
    level: str
    text: str
    attempt: int


def get_run(session: TenantSession, *, run_id: UUID) -> Run:
    """Raises: NotFound."""
    run = session.execute(
        select(Run).where(col(Run.tenant_id) == session.tenant_id, col(Run.id) == run_id)
    ).scalar_one_or_none()
    if run is None:
        raise NotFound("This run does not exist, or it belongs to another workspace.")
    return run


def list_runs(session: TenantSession, *, wanted: RunFilter, cursor: str | None = None, limit: int = PAGE) -> RunPage:
    """Newest first."""
    query = select(Run).where(col(Run.tenant_id) == session.tenant_id)
    if wanted.states:
        query = query.where(col(Run.state).in_(wanted.states))
    if wanted.agent_ref:
        query = query.where(col(Run.agent_ref) == wanted.agent_ref)
    if wanted.text:
        pattern = "%" + wanted.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")[:100] + "%"
        query = query.where(
            col(Run.title).ilike(pattern) | col(Run.agent_name).ilike(pattern) | col(Run.started_by_name).ilike(pattern)
        )
    if wanted.since:
        query = query.where(col(Run.created_at) >= wanted.since)
    after = _read_cursor(cursor)
    if after:
        query = query.where(text("(runs.created_at, runs.id) < (:at, :id)").bindparams(at=after[0], id=after[1]))
    found = list(
        session.execute(query.order_by(col(Run.created_at).desc(), col(Run.id).desc()).limit(limit + 1)).scalars()
    )
    more = found[limit:]
    return RunPage(found[:limit], _write_cursor(found[limit - 1]) if more else None)


def is_run_cursor(cursor: str) -> bool:
    """Whether it was written by `list_runs`."""
    return _read_cursor(cursor) is not None


def list_agents_run(session: TenantSession) -> list[tuple[str, str]]:
    """(address, name) of every agent this workspace has run."""
    rows = session.execute(text("SELECT agent_ref, max(agent_name) FROM app.runs GROUP BY agent_ref ORDER BY 2"))
    return [(row[0], row[1]) for row in rows]


def items_page(
    session: TenantSession, *, run_id: UUID, after: int = 0, limit: int = PAGE, newest: bool = False
) -> list[Item]:
    """Rows in the order they were stored; `newest` gives the last ones instead, also in that order."""
    order, bound = ("DESC", "true") if newest else ("ASC", "seq > :after")
    rows = session.execute(
        text(
            f"SELECT seq, payload, amount_micro_usd, created_at FROM app.run_items WHERE run_id = :run AND {bound} ORDER BY seq {order} LIMIT :limit"
        ),
        {"run": run_id, "after": after, "limit": limit},
    )
    found = [Item(*row) for row in rows]
    return found[::-1] if newest else found


def items_at(session: TenantSession, *, run_id: UUID, offset: int, limit: int) -> list[Item]:
    """A page by number, for the table of one run (bounded by the run's rows)."""
    rows = session.execute(
        text(
            "SELECT seq, payload, amount_micro_usd, created_at FROM app.run_items WHERE run_id = :run ORDER BY seq OFFSET :offset LIMIT :limit"
        ),
        {"run": run_id, "offset": offset, "limit": limit},
    )
    return [Item(*row) for row in rows]


def log_after(session: TenantSession, *, run_id: UUID, seq: int = 0, limit_lines: int = 500) -> list[LogLine]:
    """Lines of chunks after `seq`, whole chunks, about `limit_lines` at most."""
    rows = session.execute(
        text(
            "SELECT seq, attempt, lines FROM (SELECT seq, attempt, lines, sum(line_count) OVER (ORDER BY seq) - line_count AS before"
            " FROM app.run_log_chunks WHERE run_id = :run AND seq > :seq) chunks WHERE before < :limit ORDER BY seq"
        ),
        {"run": run_id, "seq": seq, "limit": limit_lines},
    )
    return [LogLine(row.seq, line[0], line[1], line[2], row.attempt) for row in rows for line in row.lines]


def log_tail(session: TenantSession, *, run_id: UUID, lines: int = 500) -> list[LogLine]:
    """The last lines, in order."""
    rows = session.execute(
        text(
            "SELECT seq, attempt, lines FROM (SELECT seq, attempt, lines, sum(line_count) OVER (ORDER BY seq DESC) - line_count AS later"
            " FROM app.run_log_chunks WHERE run_id = :run) chunks WHERE later < :limit ORDER BY seq"
        ),
        {"run": run_id, "limit": lines},
    )
    return [LogLine(row.seq, line[0], line[1], line[2], row.attempt) for row in rows for line in row.lines][-lines:]


def list_events(session: TenantSession, *, run_id: UUID) -> list[RunEvent]:
    return list(
        session.execute(
            select(RunEvent)
            .where(col(RunEvent.tenant_id) == session.tenant_id, col(RunEvent.run_id) == run_id)
            .order_by(col(RunEvent.seq))
        ).scalars()
    )


def list_attempts(session: TenantSession, *, run_id: UUID) -> list[RunAttempt]:
    return list(
        session.execute(
            select(RunAttempt)
            .where(col(RunAttempt.tenant_id) == session.tenant_id, col(RunAttempt.run_id) == run_id)
            .order_by(col(RunAttempt.number))
        ).scalars()
    )


def list_charges(session: TenantSession, *, run_id: UUID) -> list[RunCharge]:
    return list(
        session.execute(
            select(RunCharge)
            .where(col(RunCharge.tenant_id) == session.tenant_id, col(RunCharge.run_id) == run_id)
            .order_by(col(RunCharge.id))
        ).scalars()
    )


def sum_charges(session: TenantSession, *, run_id: UUID) -> list[ChargeTotal]:
    """One total for each event, however many charges there are."""
    rows = session.execute(
        text(
            "SELECT event, sum(units), sum(amount_micro_usd), sum(voided_micro_usd) FROM app.run_charges"
            " WHERE tenant_id = :tenant AND run_id = :run GROUP BY event ORDER BY min(id::text)"
        ),
        {"tenant": session.tenant_id, "run": run_id},
    )
    return [ChargeTotal(row[0], int(row[1]), int(row[2]), int(row[3])) for row in rows]


def input_file_names(session: TenantSession, *, run: Run) -> dict[str, str]:
    """Names of the uploads a run's input names, by the id in the input."""
    found = {value: find_upload(session, value) for value in run.input.values() if isinstance(value, str)}
    return {value: upload.name for value, upload in found.items() if upload is not None}


def list_output_files(session: TenantSession, *, run_id: UUID) -> list[RunFile]:
    return list(
        session.execute(
            select(RunFile)
            .where(
                col(RunFile.tenant_id) == session.tenant_id,
                col(RunFile.run_id) == run_id,
                col(RunFile.kind) == FileKind.OUTPUT,
            )
            .order_by(col(RunFile.name))
        ).scalars()
    )


def get_output_file(session: TenantSession, *, run_id: UUID, name: str) -> RunFile:
    """Raises: NotFound."""
    for found in list_output_files(session, run_id=run_id):
        if found.name == name:
            return found
    raise NotFound("This run has no file of that name.")


def find_receipt(session: TenantSession, *, run_id: UUID) -> Receipt | None:
    return session.execute(
        select(Receipt).where(col(Receipt.tenant_id) == session.tenant_id, col(Receipt.run_id) == run_id)
    ).scalar_one_or_none()


def has_free_success(session: TenantSession) -> bool:
    """Whether a run of a free agent has ever succeeded here; a dry run is none."""
    return session.execute(
        text(
            "SELECT EXISTS (SELECT FROM app.runs WHERE tenant_id = :tenant AND state = 'succeeded'"
            " AND price ->> 'model' = 'free' AND NOT is_dry_run)"
        ),
        {"tenant": session.tenant_id},
    ).scalar_one()


def count_open(session: TenantSession) -> tuple[int, int]:
    """(running or starting or stopping, queued)."""
    row = session.execute(
        text(
            "SELECT count(*) FILTER (WHERE state IN ('starting', 'running', 'stopping')), count(*) FILTER (WHERE state = 'queued')"
            " FROM app.runs WHERE finished_at IS NULL"
        )
    ).one()
    return int(row[0]), int(row[1])


def most_at_once(session: TenantSession) -> int:
    """How many runs the workspace's plan lets be under way together."""
    return session.execute(text("SELECT cap FROM app.tenant_slots")).scalar_one_or_none() or 0


def place_in_queue(session: TenantSession, *, run: Run) -> int:
    """How many runs of this workspace were queued before it, and it."""
    if run.state != RunState.QUEUED:
        return 0
    return session.execute(
        text("SELECT count(*) FROM app.runs WHERE state = 'queued' AND (created_at, id) <= (:at, :id)"),
        {"at": run.created_at, "id": run.id},
    ).scalar_one()


def _write_cursor(run: Run) -> str:
    return base64.urlsafe_b64encode(json.dumps([run.created_at.isoformat(), str(run.id)]).encode()).decode()


def _read_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """A cursor is a position, not a right: row security holds whatever it says. Nonsense starts from the top."""
    if not cursor or len(cursor) > LONGEST_CURSOR:
        return None
    try:
        at, run_id = json.loads(base64.urlsafe_b64decode(cursor))
        return datetime.fromisoformat(at), UUID(str(run_id))
    except (ValueError, TypeError):
        return None
