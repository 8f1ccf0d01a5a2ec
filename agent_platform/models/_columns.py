"""Column shapes that every table shares."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import Text
from sqlmodel import Field, SQLModel

from agent_platform.core.ids import new_id

APP = {"schema": "app"}
PLATFORM = {"schema": "platform"}
CATALOGUE = {"schema": "catalogue"}


def now_at() -> Any:
    """An aware time that the database fills with `now()`."""
    return Field(
        default=None,
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": text("now()")},
        nullable=False,
    )  # pyright: ignore[reportArgumentType]


def maybe_at() -> Any:
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=True)  # pyright: ignore[reportArgumentType]


def at() -> Any:
    return Field(sa_type=DateTime(timezone=True), nullable=False)  # pyright: ignore[reportArgumentType]


def jsonb(default: str = "{}") -> Any:
    """A JSON document that is never filtered on."""
    factory = list if default == "[]" else dict
    return Field(
        default_factory=factory,
        sa_type=JSONB,
        sa_column_kwargs={"server_default": text(f"'{default}'")},
        nullable=False,
    )  # pyright: ignore[reportArgumentType]


def ordered_json() -> Any:
    """A JSON document whose keys keep their order: people read forms and tables in the order of the manifest."""
    return Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": text("'{}'")}, nullable=False)


def maybe_jsonb() -> Any:
    return Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)  # pyright: ignore[reportArgumentType]


def maybe_ordered_json() -> Any:
    return Field(default=None, sa_type=JSON(none_as_null=True), nullable=True)  # pyright: ignore[reportArgumentType]


def texts() -> Any:
    return Field(
        default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs={"server_default": text("'{}'")}, nullable=False
    )  # pyright: ignore[reportArgumentType]


def micro_usd(default: int = 0) -> Any:
    """Money in millionths of a dollar."""
    return Field(
        default=default, sa_type=BigInteger, sa_column_kwargs={"server_default": text(str(default))}, nullable=False
    )  # pyright: ignore[reportArgumentType]


def count(default: int = 0) -> Any:
    return micro_usd(default)


def flag(*, default: bool = False) -> Any:
    return Field(default=default, sa_column_kwargs={"server_default": text(str(default).lower())}, nullable=False)  # pyright: ignore[reportArgumentType]


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A CHECK that holds the column to the members of a StrEnum."""
    members = ", ".join(f"'{member.value}'" for member in values)
    return CheckConstraint(f"{column} IN ({members})", name=f"{column}_is_known")


def within_tenant(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that cannot leave the tenant: checks of the database ignore row security."""
    return ForeignKeyConstraint(["tenant_id", column], [f"app.{table}.tenant_id", f"app.{table}.id"])


def unique(*columns: str) -> UniqueConstraint:
    return UniqueConstraint("tenant_id", *columns)


class TenantRow(SQLModel):
    """A row of one tenant: the key leads with the tenant."""

    tenant_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = now_at()
