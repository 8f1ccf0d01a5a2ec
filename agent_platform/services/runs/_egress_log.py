"""Reads of what a run asked of the network."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.egress import RunEgress

MOST_HOSTS = 50
MOST_ROWS = 100


@dataclass(frozen=True)
class HostTotal:
    """All requests of a run to one host; `reason` is the last word why one was refused."""

    host: str
    allowed: int
    refused: int
    bytes: int
    reason: str | None
    last_at: datetime


def count_requests(session: TenantSession, *, run_id: UUID) -> int:
    """Every request the run made, those beyond the last one that is written down included."""
    return (
        session.execute(
            text("SELECT requests FROM app.run_egress_use WHERE tenant_id = :tenant AND run_id = :run"),
            {"tenant": session.tenant_id, "run": run_id},
        ).scalar_one_or_none()
        or 0
    )


def hosts_asked(session: TenantSession, *, run_id: UUID) -> list[HostTotal]:
    """By host, the busiest first, at most fifty."""
    rows = session.execute(
        text(
            "SELECT host, count(*) FILTER (WHERE refused IS NULL), count(*) FILTER (WHERE refused IS NOT NULL),"
            " sum(sent_bytes + received_bytes)::bigint, max(refused), max(created_at) FROM app.run_egress"
            " WHERE tenant_id = :tenant AND run_id = :run GROUP BY host ORDER BY count(*) DESC, host LIMIT :most"
        ),
        {"tenant": session.tenant_id, "run": run_id, "most": MOST_HOSTS},
    )
    return [HostTotal(*row) for row in rows]


def last_requests(session: TenantSession, *, run_id: UUID) -> list[RunEgress]:
    """The newest hundred, newest first."""
    return list(
        session.execute(
            select(RunEgress)
            .where(col(RunEgress.tenant_id) == session.tenant_id, col(RunEgress.run_id) == run_id)
            .order_by(col(RunEgress.seq).desc())
            .limit(MOST_ROWS)
        ).scalars()
    )
