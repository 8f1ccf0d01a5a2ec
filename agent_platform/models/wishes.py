"""What people look for and do not find in the directory. A global table, reachable through the platform session only."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from agent_platform.core.ids import new_id
from agent_platform.models._columns import PLATFORM, maybe_at, now_at, one_of


class AgentRequestState(StrEnum):
    OPEN = "open"  # a reviewer has not read it
    SHARED = "shared"  # creators see it
    DISMISSED = "dismissed"


class AgentRequest(SQLModel, table=True):
    """`searched` is what was typed before; nothing says who asked."""

    __tablename__: ClassVar[str] = "agent_requests"
    __table_args__ = (
        one_of("state", AgentRequestState),
        Index("ix_agent_requests_state", "state", "created_at"),
        PLATFORM,
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = now_at()
    task: str
    searched: str = ""
    state: str = Field(default=AgentRequestState.OPEN)
    decided_at: datetime | None = maybe_at()
    decided_by: UUID | None = None
