"""Workspaces that the platform keeps for itself. Nobody is a member of them."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, select

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.ids import new_id
from agent_platform.core.queue import after_commit
from agent_platform.models.settings import Plan, Setting
from agent_platform.models.tenancy import Tenant, TenantSlots

TESTS, DEMO = "platform-tests", "demo"
TESTS_KEY, DEMO_KEY, OPERATOR_KEY = "tests", "demo", "operator"
DEMO_PLACES = 4  # demos that run at once, however many visitors there are


def ensure_tests_workspace(session: PlatformSession) -> None:
    """After this commit there is the workspace in which the daily tests of listings run."""
    _ensure(session, TESTS, "Daily tests", key=TESTS_KEY, places=session.get_one(Plan, "free").concurrent_runs)


def ensure_demo_workspace(session: PlatformSession) -> None:
    """After this commit there is the workspace in which the demos of visitors run."""
    _ensure(session, DEMO, "Demos", key=DEMO_KEY, places=DEMO_PLACES)


def ensure_reserved_workspaces(session: PlatformSession) -> None:
    """After this commit an installation that has its operator has every workspace that the platform keeps for itself."""
    if _read(session, OPERATOR_KEY):
        ensure_tests_workspace(session)
        ensure_demo_workspace(session)


def find_demo_workspace(session: Session | None = None) -> UUID | None:
    """None on an installation that nobody has started as its operator yet. Whoever holds a session hands it over: a second one may be long in coming."""
    return _read(session, DEMO_KEY) if session else _find(DEMO_KEY)


def find_tests_workspace() -> UUID | None:
    """None on an installation that nobody has started as its operator yet."""
    return _find(TESTS_KEY)


def find_operator_workspace() -> UUID | None:
    """Whose book takes fees and costs; None before the operator's first sign-in."""
    return _find(OPERATOR_KEY)


def _ensure(session: PlatformSession, slug: str, name: str, *, key: str, places: int) -> None:
    tenant_id = session.exec(select(Tenant.id).where(Tenant.slug == slug)).first() or new_id()
    values = {"id": tenant_id, "slug": slug, "name": name, "plan": "free"}
    session.execute(insert(Tenant).values(**values).on_conflict_do_nothing())
    setting = insert(Setting).values(key=key, value={"tenant_id": str(tenant_id)})
    session.execute(setting.on_conflict_do_nothing())
    after_commit(session, lambda: _furnish(tenant_id, places))


def _find(key: str) -> UUID | None:
    with public_session() as session:
        return _read(session, key)


def _read(session: Session, key: str) -> UUID | None:
    found = session.execute(text("SELECT value FROM platform.settings WHERE key = :key"), {"key": key})
    value = found.scalar_one_or_none()
    return UUID(value["tenant_id"]) if value else None


def _furnish(tenant_id: UUID, cap: int) -> None:
    with tenant_session(tenant_id) as session:
        slots = insert(TenantSlots).values(tenant_id=tenant_id, taken=0, cap=cap)
        session.execute(slots.on_conflict_do_nothing())
