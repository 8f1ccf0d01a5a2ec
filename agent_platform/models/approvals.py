"""Questions that runs put to people."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from agent_platform.models._columns import (
    APP,
    TenantRow,
    at,
    jsonb,
    maybe_at,
    one_of,
    ordered_json,
    unique,
    within_tenant,
)


class ApprovalState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ApprovalRole(StrEnum):
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class OnExpire(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"


class Approval(TenantRow, table=True):
    """`facts` are shown as a table in their order; `form` is a JSON Schema or empty; `role` is the lowest that may decide."""

    __tablename__: ClassVar[str] = "approvals"
    __table_args__ = (
        unique("run_id", "key"),
        within_tenant("run_id", "runs"),
        one_of("state", ApprovalState),
        one_of("role", ApprovalRole),
        one_of("on_expire", OnExpire),
        Index("ix_approvals_pending", "tenant_id", "created_at", postgresql_where="state = 'pending'"),
        APP,
    )

    run_id: UUID
    attempt: int
    key: str
    title: str
    facts: dict[str, Any] = ordered_json()
    form: dict[str, Any] = ordered_json()
    role: str = Field(default=ApprovalRole.MEMBER)
    state: str = Field(default=ApprovalState.PENDING)
    on_expire: str = Field(default=OnExpire.REJECT)
    expires_at: datetime = at()
    decided_at: datetime | None = maybe_at()
    decided_by_user_id: UUID | None = Field(default=None, foreign_key="platform.users.id")
    decided_by_name: str = ""
    comment: str = ""
    answer: dict[str, Any] = jsonb()
