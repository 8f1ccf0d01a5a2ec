"""What must travel upward or to another tenant: a row of the causing transaction, handled at least once by a job."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy.orm
from sqlalchemy import text

from agent_platform.core.ids import new_id
from agent_platform.core.queue import drain_after_commit

MOST_ATTEMPTS = 12
LEASE = "60 seconds"
BATCH = 100
KEPT = "14 days"
FORGOTTEN_AT_ONCE = 5_000
# money, and what somebody has taken back: tried every hour until it is right
NEVER_GIVEN_UP = ("run.settled", "tenant.created", "example.changed", "review.deleted")


def put(session: sqlalchemy.orm.Session, kind: str, **payload: Any) -> UUID:
    """The message leaves with this commit. `payload` is JSON; the tenant is the session's."""
    message_id = new_id()
    session.execute(
        text(
            "INSERT INTO app.outbox (tenant_id, id, kind, payload, attempt) VALUES (:tenant, :id, :kind, CAST(:payload AS jsonb), 0)"
        ),
        {
            "tenant": session.info["tenant_id"],
            "id": message_id,
            "kind": kind,
            "payload": json.dumps(payload, default=str),
        },
    )
    drain_after_commit(session)
    return message_id


def claim(session: sqlalchemy.orm.Session, limit: int = BATCH) -> list[Any]:
    """Due messages of all tenants, leased to this caller: rows of (tenant_id, id, kind, payload, attempt). Needs a dispatch session."""
    return list(
        session.execute(
            text(
                "UPDATE app.outbox o SET attempt = attempt + 1, lease_until = now() + CAST(:lease AS interval) FROM ("
                " SELECT tenant_id, id FROM app.outbox WHERE done_at IS NULL AND dead_at IS NULL AND ready_at <= now()"
                " AND (lease_until IS NULL OR lease_until < now()) ORDER BY ready_at LIMIT :limit FOR UPDATE SKIP LOCKED) due"
                " WHERE (o.tenant_id, o.id) = (due.tenant_id, due.id) RETURNING o.tenant_id, o.id, o.kind, o.payload, o.attempt"
            ),
            {"limit": limit, "lease": LEASE},
        )
    )


def done(session: sqlalchemy.orm.Session, message_ids: Sequence[UUID]) -> None:
    """These messages are not claimed again."""
    session.execute(
        text("UPDATE app.outbox SET done_at = now(), lease_until = NULL WHERE id = ANY(:ids)"),
        {"ids": list(message_ids)},
    )


def failed(session: sqlalchemy.orm.Session, message_id: UUID, attempt: int, error: str) -> None:
    """Tried again after 2^attempt seconds (at most an hour), given up after twelve tries unless money hangs on it."""
    session.execute(
        text(
            "UPDATE app.outbox SET lease_until = NULL, last_error = :error, ready_at = now() + make_interval(secs => :wait * (0.8 + random() * 0.4)),"
            " dead_at = CASE WHEN :attempt >= :most AND kind <> ALL(:kept) THEN now() END WHERE id = :id AND attempt = :attempt"
        ),
        {
            "id": message_id,
            "attempt": attempt,
            "most": MOST_ATTEMPTS,
            "error": error[:500],
            "kept": list(NEVER_GIVEN_UP),
            "wait": min(2**attempt, 3600),
        },
    )


def forget_done(session: sqlalchemy.orm.Session, limit: int = FORGOTTEN_AT_ONCE) -> int:
    """How many that were done fourteen days ago are gone; what is not done or was given up stays. Needs a dispatch session."""
    deleted = session.execute(
        text(
            "DELETE FROM app.outbox WHERE ctid = ANY(ARRAY("
            "SELECT ctid FROM app.outbox WHERE done_at < now() - CAST(:kept AS interval) LIMIT :limit))"
        ),
        {"kept": KEPT, "limit": limit},
    )
    return deleted.rowcount  # pyright: ignore[reportAttributeAccessIssue]  # of a statement that changes rows
