"""What callers learn about workspaces, free of the database."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agent_platform.models.tenancy import Tenant


@dataclass(frozen=True)
class TenantFacts:
    """`slug` is today's address, which may differ from the one that was looked up."""

    id: UUID
    slug: str
    name: str
    time_zone: str
    plan: str
    is_operator: bool
    suspended: bool

    @classmethod
    def of(cls, tenant: Tenant) -> "TenantFacts":
        return cls(
            tenant.id,
            tenant.slug,
            tenant.name,
            tenant.time_zone,
            tenant.plan,
            tenant.is_operator,
            tenant.suspended_at is not None,
        )


@dataclass(frozen=True)
class WorkspaceFacts:
    """A workspace as one of its members lists it."""

    id: UUID
    slug: str
    name: str
    role: str
    is_operator: bool


@dataclass(frozen=True)
class MembershipFacts:
    role: str
    features: tuple[str, ...]
    display_name: str


@dataclass(frozen=True)
class MemberFacts:
    user_id: UUID
    display_name: str
    email: str | None
    role: str
    features: tuple[str, ...]
    joined_at: datetime


@dataclass(frozen=True)
class InvitationFacts:
    """An open invitation. `slug` and `workspace` name where it leads."""

    id: UUID
    email: str
    role: str
    expires_at: datetime
    slug: str
    workspace: str
