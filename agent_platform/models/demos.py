"""Demos of visitors without an account: runs of the workspace that the platform keeps for them."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from agent_platform.models._columns import APP, TenantRow, at, count, maybe_at, micro_usd, unique, within_tenant


class Demo(TenantRow, table=True):
    """Who has the key sees the run. Of the address there is an HMAC under a key of the day; the whole row goes with the run."""

    __tablename__: ClassVar[str] = "demos"
    __table_args__ = (
        unique("key_hash"),
        within_tenant("run_id", "runs"),
        Index("ix_demos_address", "tenant_id", "address_hash", "created_at"),
        Index("ix_demos_expiry", "tenant_id", "expires_at"),
        APP,
    )

    listing_id: UUID
    run_id: UUID
    key_hash: str
    address_hash: str
    expires_at: datetime = at()
    counted_at: datetime | None = maybe_at()  # since then `demo_days` holds what it really cost


class DemoDay(SQLModel, table=True):
    """How many demos of an agent were started on a day (UTC), and what they cost the platform: the cap until a run has ended."""

    __tablename__: ClassVar[str] = "demo_days"
    __table_args__ = (APP,)

    tenant_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    listing_id: UUID = Field(primary_key=True)
    runs: int = count()
    cost_micro_usd: int = micro_usd()


class DemoUpload(TenantRow, table=True):
    """A file that a visitor has sent for demos of one agent; `id` is that of the file. Who has the key may name it, nobody else.

    A demo that names it keeps it until that demo is deleted.
    """

    __tablename__: ClassVar[str] = "demo_uploads"
    __table_args__ = (
        unique("key_hash"),
        within_tenant("id", "run_files"),
        Index("ix_demo_uploads_address", "tenant_id", "address_hash", "created_at"),
        Index("ix_demo_uploads_expiry", "tenant_id", "expires_at"),
        APP,
    )

    listing_id: UUID
    key_hash: str
    address_hash: str
    bytes: int = count()
    expires_at: datetime = at()
