"""Who did what, and messages that wait for a job."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index
from sqlmodel import Field, SQLModel

from agent_platform.core.ids import new_id
from agent_platform.models._columns import APP, TenantRow, jsonb, maybe_at, now_at


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
    __table_args__ = (Index("ix_outbox_due", "ready_at", postgresql_where="done_at IS NULL AND dead_at IS NULL"), APP)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str
    payload: dict[str, Any] = jsonb()
    attempt: int = 0
    ready_at: datetime = now_at()
    lease_until: datetime | None = maybe_at()
    done_at: datetime | None = maybe_at()
    dead_at: datetime | None = maybe_at()
    last_error: str | None = None
