"""What a workspace shows of itself at its own address."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from agent_platform.models._columns import APP, flag, now_at, one_of


class Audience(StrEnum):
    PUBLIC = "public"
    MEMBERS = "members"


def uuids() -> list:
    return Field(default_factory=list, sa_type=ARRAY(Uuid), sa_column_kwargs={"server_default": "{}"}, nullable=False)  # pyright: ignore[reportArgumentType]


class Storefront(SQLModel, table=True):
    """One of each workspace at most. `accent` is `#rrggbb`; `logo_key` the SHA-256 of a WebP in the workspace's own folder."""

    __tablename__: ClassVar[str] = "storefronts"
    __table_args__ = (one_of("audience", Audience), APP)

    tenant_id: UUID = Field(primary_key=True)
    is_on: bool = flag()
    audience: str = Field(default=Audience.MEMBERS)
    headline: str = ""
    welcome: str = ""
    accent: str = "#0d3d38"
    logo_key: str | None = None
    listing_ids: list[UUID] = uuids()  # in the order in which they are shown
    updated_at: datetime = now_at()
