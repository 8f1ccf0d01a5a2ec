"""People and how they prove who they are. Global tables, reachable through the platform session only."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from agent_platform.core.ids import new_id
from agent_platform.models._columns import PLATFORM, at, maybe_at, now_at, one_of


class Provider(StrEnum):
    GITHUB = "github"
    EMAIL = "email"
    ADMIN_LINK = "admin_link"


class CodePurpose(StrEnum):
    OAUTH = "oauth"
    HAND_OFF = "hand_off"
    ADMIN = "admin"
    EMAIL = "email"
    EMAIL_CHANGE = "email_change"
    EMAIL_LINK = "email_link"


class User(SQLModel, table=True):
    """`delete_at`: when the fourteen days to keep the account end; `deleted_at`: since when nothing tells who it was."""

    __tablename__: ClassVar[str] = "users"
    __table_args__ = (Index("ix_users_leaving", "delete_at", postgresql_where=text("delete_at IS NOT NULL")), PLATFORM)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = now_at()
    display_name: str
    avatar_key: str | None = None
    time_zone: str = Field(default="", sa_column_kwargs={"server_default": ""})  # empty: that of the workspace
    color_mode: str = Field(default="system", sa_column_kwargs={"server_default": "system"})
    notice_email: str | None = None
    session_epoch: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    banned_at: datetime | None = maybe_at()
    delete_at: datetime | None = maybe_at()
    deleted_at: datetime | None = maybe_at()


class PlatformRole(SQLModel, table=True):
    __tablename__: ClassVar[str] = "platform_roles"
    __table_args__ = (PLATFORM,)

    user_id: UUID = Field(primary_key=True, foreign_key="platform.users.id")
    role: str = Field(primary_key=True)


class Identity(SQLModel, table=True):
    """Key = (provider, the provider's own id). A login or address is display text, except that an e-mail identity is its address."""

    __tablename__: ClassVar[str] = "identities"
    __table_args__ = (UniqueConstraint("provider", "subject"), one_of("provider", Provider), PLATFORM)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="platform.users.id", index=True)
    provider: str
    subject: str
    label: str
    created_at: datetime = now_at()


class UserSession(SQLModel, table=True):
    """A sign-in on one host. The token itself is never stored. `root_id`: the session of the base host that handed this one over."""

    __tablename__: ClassVar[str] = "sessions"
    __table_args__ = (Index("ix_sessions_user", "user_id"), PLATFORM)

    token_hash: str = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, unique=True)
    root_id: UUID | None = None
    user_id: UUID = Field(foreign_key="platform.users.id")
    host: str
    epoch: int
    created_at: datetime = now_at()
    last_seen_at: datetime = now_at()
    idle_expires_at: datetime = at()
    absolute_expires_at: datetime = at()
    user_agent: str = ""
    address: str = ""


class OneTimeCode(SQLModel, table=True):
    """Ends by DELETE .. RETURNING; `binding` is the hash of the cookie of the browser that asked."""

    __tablename__: ClassVar[str] = "one_time_codes"
    __table_args__ = (one_of("purpose", CodePurpose), PLATFORM)

    hash: str = Field(primary_key=True)
    purpose: str
    host: str
    user_id: UUID | None = Field(default=None, foreign_key="platform.users.id")
    session_id: UUID | None = None
    email: str | None = None
    binding: str | None = None
    next_path: str = "/"
    expires_at: datetime = at()
