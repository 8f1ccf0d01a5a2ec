"""Who did what, messages that wait for a job, what people report and what reviewers suspend."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index
from sqlmodel import Field, SQLModel

from agent_platform.core.ids import new_id
from agent_platform.models._columns import APP, PLATFORM, TenantRow, jsonb, maybe_at, now_at, one_of


class AuditEntry(SQLModel, table=True):
    """Append-only for every role. `hash` = SHA-256 over the previous hash and this entry. Partitioned by month."""

    __tablename__: ClassVar[str] = "audit_log"
    __table_args__ = ({"schema": "app", "postgresql_partition_by": "RANGE (created_at)"},)

    tenant_id: UUID = Field(primary_key=True)
    created_at: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    seq: int = Field(primary_key=True)
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = jsonb()
    previous_hash: str
    hash: str


class OutboxMessage(TenantRow, table=True):
    """Written in the transaction that causes it; handled at least once by a job whose effect is idempotent."""

    __tablename__: ClassVar[str] = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "ready_at", postgresql_where="done_at IS NULL AND dead_at IS NULL"),
        Index("ix_outbox_done", "done_at", postgresql_where="done_at IS NOT NULL"),
        APP,
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str
    payload: dict[str, Any] = jsonb()
    attempt: int = 0
    ready_at: datetime = now_at()
    lease_until: datetime | None = maybe_at()
    done_at: datetime | None = maybe_at()
    dead_at: datetime | None = maybe_at()
    last_error: str | None = None


class ReportKind(StrEnum):
    ABUSE = "abuse"
    BROKEN = "broken"
    MISLEADING = "misleading"


class ReportState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Report(TenantRow, table=True):
    """What somebody holds against an agent, or against one review of it; `tenant_id` is where they said it."""

    __tablename__: ClassVar[str] = "reports"
    __table_args__ = (
        one_of("kind", ReportKind),
        one_of("state", ReportState),
        Index("ix_reports_open", "created_at", postgresql_where="state = 'open'"),
        APP,
    )

    listing_id: UUID
    review_id: UUID | None = None
    kind: str
    text: str
    by_user_id: UUID = Field(foreign_key="platform.users.id")
    by_name: str
    state: str = Field(default=ReportState.OPEN)
    decided_by_user_id: UUID | None = Field(default=None, foreign_key="platform.users.id")
    decided_at: datetime | None = maybe_at()
    decision_note: str = ""


class SuspensionKind(StrEnum):
    LISTING = "listing"
    REVIEW = "review"


class Suspension(SQLModel, table=True):
    """As long as the row is there, the agent starts no run for others, or the review is shown to nobody. Every door reads it."""

    __tablename__: ClassVar[str] = "suspensions"
    __table_args__ = (one_of("kind", SuspensionKind), PLATFORM)

    subject_id: UUID = Field(primary_key=True)
    kind: str
    reason: str
    by_user_id: UUID = Field(foreign_key="platform.users.id")
    since_at: datetime = now_at()
