"""Which agents of others a workspace runs. Without a row it runs all that are public."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from agent_platform.models._columns import APP, now_at, one_of


class Allowed(StrEnum):
    ALL = "all"
    LISTED = "listed"  # only those of `AllowedAgent`
    OWN = "own"


class AgentRules(SQLModel, table=True):
    __tablename__: ClassVar[str] = "agent_rules"
    __table_args__ = (one_of("allowed", Allowed), APP)

    tenant_id: UUID = Field(primary_key=True)
    allowed: str = Field(default=Allowed.ALL)
    updated_at: datetime = now_at()


class AllowedAgent(SQLModel, table=True):
    """Counts while the rule is `listed`; kept while it is not."""

    __tablename__: ClassVar[str] = "allowed_agents"
    __table_args__ = (APP,)

    tenant_id: UUID = Field(primary_key=True)
    listing_id: UUID = Field(primary_key=True)
    added_at: datetime = now_at()
