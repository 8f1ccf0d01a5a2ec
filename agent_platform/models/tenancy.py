"""Tenants, their members, and the look-up from opaque outside keys to a tenant."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from agent_platform.core.ids import new_id
from agent_platform.models._columns import APP, TenantRow, at, flag, maybe_at, now_at, one_of, texts


class Role(StrEnum):
    """The ladder of section 3 of the product: each role may do all that the one before may."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class Feature(StrEnum):
    BUILD = "build"
    BILLING = "billing"


class LookupKind(StrEnum):
    SLUG = "slug"
    RUN_TOKEN = "run_token"  # noqa: S105
    BUILD_TOKEN = "build_token"  # noqa: S105
    INVITATION = "invitation"
    API_KEY = "api_key"


class Scope(StrEnum):
    """What an API key may do, within the present rights of its maker."""

    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"


class Tenant(SQLModel, table=True):
    __tablename__: ClassVar[str] = "tenants"
    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z0-9](-?[a-z0-9])+$' AND length(slug) BETWEEN 3 AND 32", name="slug_is_a_label"),
        APP,
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    plan: str = Field(default="free", foreign_key="platform.plans.name", sa_column_kwargs={"server_default": "free"})
    time_zone: str = Field(default="UTC", sa_column_kwargs={"server_default": "UTC"})
    logo_key: str | None = None
    is_operator: bool = flag()
    is_verified: bool = flag()
    checklist_dismissed_at: datetime | None = maybe_at()
    created_at: datetime = now_at()
    suspended_at: datetime | None = maybe_at()
    deleted_at: datetime | None = maybe_at()


class Membership(SQLModel, table=True):
    __tablename__: ClassVar[str] = "memberships"
    __table_args__ = (one_of("role", Role), Index("ix_memberships_user", "user_id"), APP)

    tenant_id: UUID = Field(primary_key=True, foreign_key="app.tenants.id")
    user_id: UUID = Field(primary_key=True, foreign_key="platform.users.id")
    role: str
    features: list[str] = texts()
    display_name: str
    notify_email: str | None = None
    avatar_key: str | None = None
    created_at: datetime = now_at()


class Invitation(TenantRow, table=True):
    __tablename__: ClassVar[str] = "invitations"
    __table_args__ = (one_of("role", Role), APP)

    code_hash: str = Field(unique=True)
    email: str
    role: str
    created_by_user_id: UUID = Field(foreign_key="platform.users.id")
    expires_at: datetime = at()
    accepted_at: datetime | None = maybe_at()
    revoked_at: datetime | None = maybe_at()


class ApiKey(TenantRow, table=True):
    """A member's way in for a program. The key itself is never stored; `prefix` is what people tell it by."""

    __tablename__: ClassVar[str] = "api_keys"
    __table_args__ = (Index("ix_api_keys_maker", "tenant_id", "made_by_user_id"), APP)

    name: str
    prefix: str
    key_hash: str = Field(unique=True)
    scopes: list[str] = texts()
    made_by_user_id: UUID = Field(foreign_key="platform.users.id")
    expires_at: datetime | None = maybe_at()
    last_used_at: datetime | None = maybe_at()
    revoked_at: datetime | None = maybe_at()


class Lookup(SQLModel, table=True):
    """Finds the tenant of an opaque outside key before a tenant is known. Keys are hashes of random values; slugs are public by design."""

    __tablename__: ClassVar[str] = "lookups"
    __table_args__ = (one_of("kind", LookupKind), Index("ix_lookups_target", "tenant_id", "target_id"), APP)

    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    tenant_id: UUID
    target_id: UUID
    expires_at: datetime | None = maybe_at()
    number: int | None = None


class TenantSlots(SQLModel, table=True):
    """How many runs of a tenant hold a place in the queue or a sandbox."""

    __tablename__: ClassVar[str] = "tenant_slots"
    __table_args__ = (CheckConstraint("taken >= 0", name="taken_is_not_negative"), APP)

    tenant_id: UUID = Field(primary_key=True, foreign_key="app.tenants.id")
    taken: int = 0
    cap: int
