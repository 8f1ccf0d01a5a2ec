"""What operators edit: plans and settings are rows, not environment."""

from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from agent_platform.models._columns import PLATFORM, flag, jsonb, micro_usd


class Plan(SQLModel, table=True):
    __tablename__: ClassVar[str] = "plans"
    __table_args__ = (PLATFORM,)

    name: str = Field(primary_key=True)
    title: str
    month_micro_usd: int = micro_usd()
    credit_micro_usd: int = micro_usd()
    credit_is_funded: bool = flag()
    concurrent_runs: int
    queued_runs: int
    members: int | None = None
    retention_days: int
    requests_per_minute: int


class Setting(SQLModel, table=True):
    __tablename__: ClassVar[str] = "settings"
    __table_args__ = (PLATFORM,)

    key: str = Field(primary_key=True)
    value: dict[str, Any] = jsonb()
