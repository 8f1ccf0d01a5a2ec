"""Demo workspaces and the people who own them. The operator is a member of each, so that a first visitor can look around."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.policy import Caller
from agent_platform.models.identity import Provider
from agent_platform.models.tenancy import Membership, Role, Tenant
from agent_platform.services import identity, tenancy

WAIT_SECONDS = 30


@dataclass(frozen=True)
class Workspace:
    slug: str
    name: str
    owner: str
    plan: str = "team"  # its credit pays the runs that publishers show as examples
    is_verified: bool = True


PUBLISHERS = (
    Workspace("openworks", "Openworks", "Ines Duarte"),
    Workspace("mica-tools", "Mica Tools", "Jonas Weber"),
    Workspace("harbor", "Harbor", "Nadia Lindqvist"),
    Workspace("fieldnotes", "Fieldnotes", "Pia Holm"),
)
CONSUMER = Workspace("northwind", "Northwind Labs", "Mara Okafor", is_verified=False)


def settle_in(workspace: Workspace) -> Caller:
    """The workspace and its owner exist; the returned caller acts as that owner."""
    owner = identity.in_platform(
        identity.sign_in,
        provider=Provider.EMAIL,
        subject=f"owner@{workspace.slug}.example",
        label=f"owner@{workspace.slug}.example",
        display_name=workspace.owner,
    )
    tenant_id = tenancy.in_platform(_workspace, workspace=workspace, owner_id=owner.id)
    _invite_operator(tenant_id)
    return Caller(owner.id, workspace.owner, tenant_id, workspace.slug, "owner", ("build", "billing"), None)


def _workspace(session, *, workspace: Workspace, owner_id: UUID) -> UUID:  # noqa: ANN001
    known = session.execute(select(Tenant).where(col(Tenant.slug) == workspace.slug)).scalar_one_or_none()
    if known is None:
        tenancy.create_tenant(session, slug=workspace.slug, name=workspace.name, owner_id=owner_id, plan=workspace.plan)
        known = session.execute(select(Tenant).where(col(Tenant.slug) == workspace.slug)).scalar_one()
    known.is_verified = workspace.is_verified
    return known.id


def _invite_operator(tenant_id: UUID) -> None:
    operator = identity.in_platform(_operator_id)
    if operator is None:
        return
    with tenant_session(tenant_id) as session:
        session.execute(
            insert(Membership)
            .values(
                tenant_id=tenant_id,
                user_id=operator,
                role=Role.ADMIN,
                features=["build", "billing"],
                display_name="Operator",
            )
            .on_conflict_do_nothing()
        )


def _operator_id(session) -> UUID | None:  # noqa: ANN001
    return session.execute(
        text("SELECT user_id FROM platform.platform_roles WHERE role = 'operator'")
    ).scalar_one_or_none()
