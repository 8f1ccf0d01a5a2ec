"""Agents that a person has saved."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from agent_platform.models._columns import APP, now_at


class Bookmark(SQLModel, table=True):
    """Lies behind the person's own fence (`tenant_id` is the id of the person), so that it is theirs on every host."""

    __tablename__: ClassVar[str] = "bookmarks"
    __table_args__ = (APP,)

    tenant_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True, foreign_key="platform.users.id")
    listing_id: UUID = Field(primary_key=True)
    saved_at: datetime = now_at()
