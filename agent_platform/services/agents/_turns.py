"""Whose build is next: a workspace builds as many versions at once as its plan runs agents, the others wait."""

from uuid import UUID

from sqlalchemy import func, select, text
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.agents import Build, BuildState
from agent_platform.models.settings import Plan
from agent_platform.models.tenancy import Tenant

LOCK = 7_201_011


def take_turns(session: TenantSession) -> None:
    """Until commit no other build of this workspace starts, so that two cannot both take the last place."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(:lock, hashtext(:tenant))"),
        {"lock": LOCK, "tenant": str(session.tenant_id)},
    )


def count_building(session: TenantSession) -> int:
    return session.execute(
        select(func.count())
        .select_from(Build)
        .where(col(Build.tenant_id) == session.tenant_id, col(Build.state) == BuildState.BUILDING)
    ).scalar_one()


def most_at_once(session: TenantSession) -> int:
    tenant = session.get_one(Tenant, session.tenant_id)
    return session.get_one(Plan, tenant.plan).concurrent_runs


def find_next(session: TenantSession) -> UUID | None:
    """The build that has waited longest."""
    return session.execute(
        select(col(Build.id))
        .where(col(Build.tenant_id) == session.tenant_id, col(Build.state) == BuildState.QUEUED)
        .order_by(col(Build.created_at), col(Build.id))
        .limit(1)
    ).scalar_one_or_none()
