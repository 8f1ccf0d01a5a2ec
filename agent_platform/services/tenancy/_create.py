"""A new workspace: its name across all workspaces first, then everything inside its own fence."""

from uuid import UUID

import structlog
from sqlalchemy import func, insert
from sqlalchemy.dialects.postgresql import insert as insert_or_keep
from sqlmodel import col, select

from agent_platform.core import outbox
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id
from agent_platform.core.queue import after_commit
from agent_platform.models.identity import User
from agent_platform.models.settings import Plan
from agent_platform.models.tenancy import Feature, Lookup, LookupKind, Membership, Role, Tenant, TenantSlots
from agent_platform.services import audit
from agent_platform.services.tenancy import _rules, _slugs
from agent_platform.services.tenancy._facts import TenantFacts
from agent_platform.services.tenancy.errors import WorkspacesFull

MOST_OWNED = 20
log = structlog.get_logger()


def create_tenant(
    session: PlatformSession,
    *,
    slug: str,
    name: str,
    owner_id: UUID,
    is_personal: bool = False,
    is_operator: bool = False,
    plan: str = "free",
) -> TenantFacts:
    """The address is taken now; members, slots, look-up, audit and `tenant.created` follow right after the commit (`finish_creation`).

    A personal workspace carries the id of its person, so a half-made one is found and finished at the next sign-in. Raises: SlugRefused, WorkspacesFull.
    """
    tenant_id = owner_id if is_personal else new_id()
    if not is_operator:
        _slugs.refuse_malformed(slug)
    _slugs.hold_addresses(session)
    if not is_personal and not is_operator:
        _refuse_too_many(session, owner_id)
    _slugs.refuse_taken(session, slug=slug, tenant_id=tenant_id)
    values = {"id": tenant_id, "slug": slug, "name": _rules.clean_name(name), "plan": plan, "is_operator": is_operator}
    tenant = session.scalars(insert(Tenant).values(**values).returning(Tenant)).one()
    finish_creation(session, tenant_id=tenant_id, owner_id=owner_id)
    return TenantFacts.of(tenant)


def finish_creation(session: PlatformSession, *, tenant_id: UUID, owner_id: UUID) -> None:
    """After this commit the workspace has its owner and all it needs. Does nothing for one that is complete."""
    owner = session.get_one(User, owner_id)
    member = Membership(
        tenant_id=tenant_id,
        user_id=owner_id,
        role=Role.OWNER,
        features=list(Feature),
        display_name=owner.display_name,
        notify_email=owner.notice_email,
        avatar_key=owner.avatar_key,
    )
    after_commit(session, lambda: _furnish(member))


def is_unfinished(session: PlatformSession, tenant_id: UUID) -> bool:
    """True for a workspace whose creation was cut off before it had a member."""
    query = select(Tenant.id).where(
        Tenant.id == tenant_id,
        col(Tenant.deleted_at).is_(None),
        ~select(Membership.user_id).where(Membership.tenant_id == tenant_id).exists(),
    )
    return session.exec(query).first() is not None


def _refuse_too_many(session: PlatformSession, owner_id: UUID) -> None:
    """Each takes an address from everybody else, so one person may not make them without end."""
    owned = select(func.count()).where(
        Membership.user_id == owner_id,
        Membership.role == Role.OWNER,
        Membership.tenant_id == Tenant.id,
        col(Tenant.deleted_at).is_(None),
    )
    if session.exec(owned).one() >= MOST_OWNED:
        raise WorkspacesFull(f"You own {MOST_OWNED} workspaces, the most one person may. Nothing was made.")


def _furnish(owner: Membership) -> None:
    with tenant_session(owner.tenant_id) as session:
        values = owner.model_dump(exclude={"created_at"})
        made = session.execute(
            insert_or_keep(Membership).values(**values).on_conflict_do_nothing().returning(col(Membership.user_id))
        )
        if made.first() is None:
            return
        tenant = session.get_one(Tenant, owner.tenant_id)
        cap = session.get_one(Plan, tenant.plan).concurrent_runs
        session.execute(
            insert(Lookup).values(
                kind=LookupKind.SLUG, key=tenant.slug, tenant_id=owner.tenant_id, target_id=owner.tenant_id
            )
        )
        session.execute(insert(TenantSlots).values(tenant_id=owner.tenant_id, taken=0, cap=cap))
        outbox.put(session, "tenant.created")
        audit.record(
            session,
            actor=f"user:{owner.user_id}",
            action="tenant.created",
            subject=f"tenant:{owner.tenant_id}",
            slug=tenant.slug,
        )
    log.info("tenant_created", tenant_id=str(owner.tenant_id))
