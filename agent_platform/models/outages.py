"""When parts of the platform did not answer: what a status page shows, and what an agent's word is checked against."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from agent_platform.models._columns import PLATFORM, at, flag, now_at


class Component(SQLModel, table=True):
    """A part of the platform that is asked every few seconds, and when it last answered."""

    __tablename__: ClassVar[str] = "components"
    __table_args__ = (PLATFORM,)

    name: str = Field(primary_key=True)
    answered_at: datetime = now_at()


class Outage(SQLModel, table=True):
    """From the last answer before a silence to the first one after it. `was_asked` is false where nobody watched."""

    __tablename__: ClassVar[str] = "outages"
    __table_args__ = (PLATFORM,)

    component: str = Field(primary_key=True, foreign_key="platform.components.name")
    began_at: datetime = Field(primary_key=True, sa_type=DateTime(timezone=True))  # pyright: ignore[reportArgumentType]
    ended_at: datetime = at()
    was_asked: bool = flag()
