"""Usage facts and the roll-ups that charts read."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from agent_platform.core.ids import new_id
from agent_platform.models._columns import APP, count, flag, micro_usd


class UsageEvent(SQLModel, table=True):
    """One billable fact. `outcome` is the final state of the run. Partitioned by month."""

    __tablename__: ClassVar[str] = "usage_events"
    __table_args__ = ({"schema": "app", "postgresql_partition_by": "RANGE (occurred_at)"},)

    tenant_id: UUID = Field(primary_key=True)
    occurred_at: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    id: UUID = Field(default_factory=new_id, primary_key=True)
    run_id: UUID
    agent_ref: str
    release_id: UUID | None = None
    kind: str = "run"
    outcome: str
    failure_code: str | None = None
    failure_class: str | None = None
    cost_micro_usd: int = micro_usd()
    duration_ms: int = count()
    queue_ms: int = count()


class UsageHourly(SQLModel, table=True):
    __tablename__: ClassVar[str] = "usage_hourly"
    __table_args__ = (APP,)

    tenant_id: UUID = Field(primary_key=True)
    hour_at: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    runs: int = count()
    succeeded: int = count()
    capped: int = count()
    failed: int = count()
    timed_out: int = count()
    cancelled: int = count()
    lost: int = count()
    cost_micro_usd: int = micro_usd()
    duration_ms: int = count()


class UsageDaily(SQLModel, table=True):
    __tablename__: ClassVar[str] = "usage_daily"
    __table_args__ = (APP,)

    tenant_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    agent_ref: str = Field(primary_key=True)
    runs: int = count()
    succeeded: int = count()
    capped: int = count()
    failed: int = count()
    timed_out: int = count()
    cancelled: int = count()
    lost: int = count()
    cost_micro_usd: int = micro_usd()
    duration_ms: int = count()


class CreatorDaily(SQLModel, table=True):
    """What a creator may know of runs by others: counts, durations, error classes and revenue."""

    __tablename__: ClassVar[str] = "creator_daily"
    __table_args__ = (APP,)

    tenant_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    listing_id: UUID = Field(primary_key=True)
    release_id: UUID = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    failure_class: str = Field(default="", primary_key=True)
    runs: int = count()
    duration_ms: int = count()
    earned_micro_usd: int = micro_usd()


class CreatorRun(SQLModel, table=True):
    """Counts each run once. `consumer_ref` is an HMAC that tells consumers apart without naming them."""

    __tablename__: ClassVar[str] = "creator_runs"
    __table_args__ = (APP,)

    tenant_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    listing_id: UUID = Field(index=True)
    consumer_ref: str
    outcome: str
    failure_class: str = ""
    is_related: bool = False
    output_invalid: bool = flag()
    within_quote: bool | None = None
    duration_ms: int = count()
    price_micro_usd: int = micro_usd()
    finished_at: datetime = Field(sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
