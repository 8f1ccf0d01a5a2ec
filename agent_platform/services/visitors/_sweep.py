"""What beat does about demos: what they cost is counted once they have ended, and after their hour nothing of them is left."""

import logging
from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import col

from agent_platform.core import objects
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.policy import Caller
from agent_platform.models.demos import Demo
from agent_platform.models.runs import Run
from agent_platform.services import runs, tenancy
from agent_platform.services.visitors._rules import CAP_MICRO_USD

log = logging.getLogger(__name__)
MOST_AT_ONCE = 200
KEPT_DAYS = 100  # figures of days, which name no visitor
# Bytes are named by their content: the same ones may have been stored again a moment ago, by a demo whose row comes yet.
UNTOUCHED_SECONDS = 300
COUNT_ENDED = text(
    "WITH ended AS (UPDATE app.demos d SET counted_at = now() FROM app.runs r WHERE (r.tenant_id, r.id) = (d.tenant_id, d.run_id)"
    " AND d.tenant_id = :tenant AND d.counted_at IS NULL AND r.finished_at IS NOT NULL"
    " RETURNING d.listing_id, (d.created_at AT TIME ZONE 'UTC')::date AS day, :cap - r.compute_micro_usd AS unused),"
    " by_day AS (SELECT listing_id, day, sum(unused)::bigint AS unused FROM ended GROUP BY listing_id, day)"
    " UPDATE app.demo_days d SET cost_micro_usd = greatest(0, d.cost_micro_usd - b.unused) FROM by_day b"
    " WHERE d.tenant_id = :tenant AND (d.listing_id, d.day) = (b.listing_id, b.day)"
)
OLD_DAYS = text("DELETE FROM app.demo_days WHERE tenant_id = :tenant AND day < current_date - :days")
OLD_FILES = text(
    "WITH gone AS (DELETE FROM app.demo_uploads WHERE tenant_id = :tenant AND expires_at <= now() RETURNING id)"
    " DELETE FROM app.run_files f USING gone WHERE f.tenant_id = :tenant AND f.id = gone.id"
)
IN_USE = text("SELECT DISTINCT sha256 FROM app.run_files WHERE tenant_id = :tenant")


def sweep_demos() -> int:
    """Safe to repeat. Returns how many demos were deleted, with their rows, files, logs and inputs."""
    tenant_id = tenancy.find_demo_workspace()
    if tenant_id is None:
        return 0
    with tenant_session(tenant_id) as session:
        session.execute(COUNT_ENDED, {"tenant": tenant_id, "cap": CAP_MICRO_USD})
        session.execute(OLD_DAYS, {"tenant": tenant_id, "days": KEPT_DAYS})
        session.execute(OLD_FILES, {"tenant": tenant_id})
        due = _due(session)
    gone = sum(_forget(tenant_id, demo_id) for demo_id in due)
    _collect_bytes(tenant_id)
    return gone


def _due(session: TenantSession) -> list[UUID]:
    return list(
        session.execute(
            select(col(Demo.id))
            .where(col(Demo.tenant_id) == session.tenant_id, col(Demo.expires_at) <= func.now())
            .order_by(col(Demo.expires_at))
            .limit(MOST_AT_ONCE)
        ).scalars()
    )


def _forget(tenant_id: UUID, demo_id: UUID) -> bool:
    """False for one that still goes on, which is stopped; the next sweep finds it again. One that fails holds up no other."""
    try:
        with tenant_session(tenant_id) as session:
            demo = session.get(Demo, (tenant_id, demo_id), with_for_update=True)
            if demo is None:
                return False
            run = session.get_one(Run, (tenant_id, demo.run_id))
            if run.finished_at is None:
                runs.cancel(session, run_id=run.id, caller=_platform(tenant_id))
                return False
            session.delete(demo)
            session.flush()
            runs.forget_demo(session, run_id=run.id)
            return True
    except Exception:
        log.exception("The demo %s could not be deleted", demo_id)
        return False


def _collect_bytes(tenant_id: UUID) -> None:
    """Bytes that no demo and no file of a visitor names any more are gone."""
    with tenant_session(tenant_id) as session:
        in_use = set(session.execute(IN_USE, {"tenant": tenant_id}).scalars())
    objects.delete_untouched(objects.tenant_folder(tenant_id), keep=in_use, seconds=UNTOUCHED_SECONDS)


def _platform(tenant_id: UUID) -> Caller:
    return Caller(None, "the platform", tenant_id, None, "owner", (), None)
