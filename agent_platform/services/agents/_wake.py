"""How a build is remembered: a wake-up that Redis may lose, and an outbox row that it cannot."""

import json
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import new_id
from agent_platform.core.queue import enqueue_after_commit

CHECK_KIND = "build.check"
CHECK_SECONDS = 10


def wake_builder(session: TenantSession, build_id: UUID) -> None:
    """A worker of the queue `builds` starts it after the commit."""
    enqueue_after_commit(
        session,
        "builds",
        "workers.jobs.build_version",
        tenant_id=str(session.tenant_id),
        build_id=str(build_id),
    )


def check_later(session: TenantSession, build_id: UUID, *, seconds: int = CHECK_SECONDS) -> None:
    """`check_build` is called in `seconds` by the keeper of the outbox."""
    session.execute(
        text(
            "INSERT INTO app.outbox (tenant_id, id, kind, payload, attempt, ready_at)"
            " VALUES (:tenant, :id, :kind, CAST(:payload AS jsonb), 0, now() + make_interval(secs => :seconds))"
        ),
        {
            "tenant": session.tenant_id,
            "id": new_id(),
            "kind": CHECK_KIND,
            "payload": json.dumps({"build_id": str(build_id)}),
            "seconds": seconds,
        },
    )
