"""Workspaces and memberships, found by address or by person."""

from uuid import UUID

from sqlalchemy import func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.tenancy import Lookup, LookupKind, Membership, Role, Tenant
from agent_platform.services.tenancy import _rules
from agent_platform.services.tenancy._facts import MembershipFacts, TenantFacts, WorkspaceFacts


def find_tenant_by_slug(session: PlatformSession, *, slug: str) -> TenantFacts | None:
    """The workspace that has this address, or had it in the last 90 days: then `facts.slug` is the new one."""
    query = (
        select(Tenant)
        .join(Lookup, col(Lookup.tenant_id) == Tenant.id)
        .where(
            Lookup.kind == LookupKind.SLUG,
            Lookup.key == slug,
            or_(col(Lookup.expires_at).is_(None), col(Lookup.expires_at) > func.now()),
            col(Tenant.deleted_at).is_(None),
        )
    )
    tenant = session.exec(query).first()
    return TenantFacts.of(tenant) if tenant else None


def membership_of(session: PlatformSession, *, tenant_id: UUID, user_id: UUID) -> MembershipFacts | None:
    membership = session.get(Membership, (tenant_id, user_id))
    if membership is None:
        return None
    return MembershipFacts(membership.role, _rules.features_of(membership), membership.display_name)


def list_workspaces(session: PlatformSession, *, user_id: UUID) -> list[WorkspaceFacts]:
    """Every workspace the person is in, their own first, then by name."""
    query = (
        select(Tenant, Membership.role)
        .join(Membership, col(Membership.tenant_id) == Tenant.id)
        .where(Membership.user_id == user_id, col(Tenant.deleted_at).is_(None))
        .order_by(col(Tenant.id) != user_id, func.lower(Tenant.name), col(Tenant.id))
    )
    return [
        WorkspaceFacts(tenant.id, tenant.slug, tenant.name, role, tenant.is_operator)
        for tenant, role in session.exec(query)
    ]


def is_owned_within(session: PlatformSession, *, one: UUID, other: UUID) -> bool:
    """True if an owner of `one` is a member of `other`: then what one says of the other says nothing."""
    theirs = select(Membership.user_id).where(Membership.tenant_id == one, Membership.role == Role.OWNER)
    query = select(Membership.user_id).where(Membership.tenant_id == other, col(Membership.user_id).in_(theirs))
    return session.exec(query.limit(1)).first() is not None


def list_solely_owned(session: PlatformSession, *, user_id: UUID) -> list[str]:
    """Names of the workspaces with other members that only this person owns."""
    other = aliased(Membership)
    others = select(other.user_id).where(other.tenant_id == Tenant.id, other.user_id != user_id)
    query = (
        select(Tenant.name)
        .join(Membership, col(Membership.tenant_id) == Tenant.id)
        .where(
            Membership.user_id == user_id,
            Membership.role == Role.OWNER,
            col(Tenant.deleted_at).is_(None),
            others.exists(),
            ~others.where(other.role == Role.OWNER).exists(),
        )
        .order_by(func.lower(Tenant.name))
    )
    return list(session.exec(query))


def owners_of(session: TenantSession) -> set[UUID]:
    """Who owns the workspace of this session."""
    query = select(Membership.user_id).where(Membership.tenant_id == session.tenant_id, Membership.role == Role.OWNER)
    return set(session.exec(query))


def get_workspace(session: TenantSession) -> Tenant:
    return session.get_one(Tenant, session.tenant_id)
