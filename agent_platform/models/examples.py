"""Finished runs that a publisher shows as examples: kept in its workspace, copied to the catalogue."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from agent_platform.core.ids import new_id
from agent_platform.models._columns import APP, CATALOGUE, TenantRow, at, count, micro_usd, now_at, ordered_json, unique


class Example(TenantRow, table=True):
    """`kept` is what the run was given and put out; no role may change it. The run itself may be gone."""

    __tablename__: ClassVar[str] = "examples"
    __table_args__ = (unique("listing_id", "slug"), unique("run_id"), APP)

    listing_id: UUID
    release_id: UUID
    run_id: UUID
    slug: str
    title: str
    line: str
    version: str
    kept: dict[str, Any] = ordered_json()
    ran_at: datetime = at()
    duration_ms: int = count()
    cost_micro_usd: int = micro_usd()
    saved_by_user_id: UUID = Field(foreign_key="platform.users.id")


class PublicExample(SQLModel, table=True):
    """What everybody may read of an example: not who saved it, and not which run it was."""

    __tablename__: ClassVar[str] = "examples"
    __table_args__ = (UniqueConstraint("listing_id", "slug"), CATALOGUE)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    listing_id: UUID
    release_id: UUID
    slug: str
    title: str
    line: str
    version: str
    kept: dict[str, Any] = ordered_json()
    ran_at: datetime = at()
    duration_ms: int = count()
    cost_micro_usd: int = micro_usd()
    saved_at: datetime = at()
    changed_at: datetime = now_at()
