"""What a run leaves: its events, rows, charges, files, log, notes to itself and receipt."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index
from sqlmodel import Field, SQLModel

from agent_platform.models._columns import (
    APP,
    TenantRow,
    count,
    flag,
    jsonb,
    maybe_at,
    maybe_jsonb,
    micro_usd,
    now_at,
    one_of,
    ordered_json,
    unique,
    within_tenant,
)


class FileKind(StrEnum):
    INPUT = "input"
    OUTPUT = "output"


class RunEvent(SQLModel, table=True):
    """The numbered stream of a run: state changes, progress, costs, faults. Partitioned by month."""

    __tablename__: ClassVar[str] = "run_events"
    __table_args__ = ({"schema": "app", "postgresql_partition_by": "RANGE (created_at)"},)

    tenant_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    created_at: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    seq: int = Field(primary_key=True)
    kind: str
    body: dict[str, Any] = jsonb()


class RunItem(SQLModel, table=True):
    __tablename__: ClassVar[str] = "run_items"
    __table_args__ = (
        within_tenant("run_id", "runs"),
        Index("ux_run_items_key", "tenant_id", "run_id", "key", unique=True, postgresql_where="key IS NOT NULL"),
        APP,
    )

    tenant_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    attempt: int
    key: str | None = None
    payload: dict[str, Any] = ordered_json()
    charge_id: UUID | None = None
    amount_micro_usd: int = micro_usd()
    created_at: datetime = now_at()


class RunCharge(TenantRow, table=True):
    """One priced event taken from the hold. `voided_micro_usd` grows only before settlement."""

    __tablename__: ClassVar[str] = "run_charges"
    __table_args__ = (
        within_tenant("run_id", "runs"),
        CheckConstraint("amount_micro_usd > 0 AND units > 0", name="charge_is_positive"),
        CheckConstraint("voided_micro_usd BETWEEN 0 AND amount_micro_usd", name="void_within_charge"),
        Index("ix_run_charges_run", "tenant_id", "run_id"),
        APP,
    )

    run_id: UUID
    attempt: int
    event: str
    units: int
    keyed: bool = flag()
    key: str | None = None
    amount_micro_usd: int = micro_usd()
    voided_micro_usd: int = micro_usd()


class RunFile(TenantRow, table=True):
    """Bytes lie in the object store under `sha256`. An upload has no `run_id`, as many runs may name it. `expires_at` is None but for one that none has named."""

    __tablename__: ClassVar[str] = "run_files"
    __table_args__ = (
        within_tenant("run_id", "runs"),
        one_of("kind", FileKind),
        Index("ux_run_files_output", "tenant_id", "run_id", "name", unique=True, postgresql_where="kind = 'output'"),
        Index("ix_run_files_bytes", "tenant_id", "sha256"),
        Index("ix_run_files_expiry", "expires_at", postgresql_where="expires_at IS NOT NULL"),
        APP,
    )

    run_id: UUID | None = None
    kind: str
    name: str
    media_type: str
    bytes: int = count()
    sha256: str
    attempt: int | None = None
    created_by_user_id: UUID | None = None
    expires_at: datetime | None = maybe_at()


class RunLogChunk(SQLModel, table=True):
    """Log lines of one batch, as [[time, level, text, fields], ...] in the order they were written."""

    __tablename__: ClassVar[str] = "run_log_chunks"
    __table_args__ = (within_tenant("run_id", "runs"), APP)

    tenant_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    attempt: int
    lines: list[Any] = jsonb("[]")
    line_count: int = count()
    bytes: int = count()
    created_at: datetime = now_at()


class RunKv(SQLModel, table=True):
    __tablename__: ClassVar[str] = "run_kv"
    __table_args__ = (within_tenant("run_id", "runs"), APP)

    tenant_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: Any = maybe_jsonb()


class Receipt(TenantRow, table=True):
    """A signed statement of a finished run: `body` is the signed JSON, `signature` is Ed25519 in base64."""

    __tablename__: ClassVar[str] = "receipts"
    __table_args__ = (unique("run_id"), within_tenant("run_id", "runs"), APP)

    run_id: UUID
    body: str
    signature: str
    key_id: str
