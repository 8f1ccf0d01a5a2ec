"""What callers learn about workspaces, free of the database."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from agent_platform.core.policy import Caller
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
    avatar_key: str | None = None


@dataclass(frozen=True)
class InvitationFacts:
    """An open invitation. `slug` and `workspace` name where it leads."""

    id: UUID
    email: str
    role: str
    expires_at: datetime
    slug: str
    workspace: str


@dataclass(frozen=True)
class KeyFacts:
    """A living API key as people see it. `prefix` is its beginning; nobody can show the rest.

    `scopes` are those of the key that its maker may still give.
    """

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    made_by_user_id: UUID
    made_by_name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class KeyHolder:
    """Who acts with a key; `scopes` are those of the key that its maker may still give."""

    key_id: UUID
    scopes: tuple[str, ...]
    caller: Caller
