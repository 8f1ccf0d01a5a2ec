"""What a workspace has of an agent from elsewhere: its consent, and what the agent keeps between runs."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from agent_platform.models._columns import APP, TenantRow, jsonb, maybe_jsonb, now_at, unique


class Installation(TenantRow, table=True):
    """A consumer's acceptance of what a release may do."""

    __tablename__: ClassVar[str] = "installations"
    __table_args__ = (unique("listing_id"), APP)

    listing_id: UUID
    agent_ref: str
    release_id: UUID
    accepted: dict[str, Any] = jsonb()
    accepted_by_user_id: UUID | None = Field(default=None, foreign_key="platform.users.id")
    updated_at: datetime = now_at()


class AgentState(SQLModel, table=True):
    """Keys an agent keeps between runs of the same tenant."""

    __tablename__: ClassVar[str] = "agent_state"
    __table_args__ = (APP,)

    tenant_id: UUID = Field(primary_key=True)
    agent_ref: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: Any = maybe_jsonb()
    version: int = 1
