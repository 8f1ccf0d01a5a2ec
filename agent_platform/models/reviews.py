"""What workspaces say about agents they have run, and what publishers answer. Copied to the catalogue without their tenant."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from agent_platform.models._columns import APP, TenantRow, maybe_at, now_at, unique, within_tenant


class Review(TenantRow, table=True):
    """One of each workspace for each agent; `run_id` is the run that gave it the right to speak."""

    __tablename__: ClassVar[str] = "reviews"
    __table_args__ = (
        unique("listing_id"),
        within_tenant("run_id", "runs"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars_are_one_to_five"),
        APP,
    )

    listing_id: UUID
    release_id: UUID
    run_id: UUID
    version: str
    stars: int
    text: str
    author_user_id: UUID = Field(foreign_key="platform.users.id")
    author_name: str
    edited_at: datetime | None = maybe_at()


class ReviewReply(TenantRow, table=True):
    """The publisher's answer; it lies in the publisher's workspace and has the id of the review."""

    __tablename__: ClassVar[str] = "review_replies"
    __table_args__ = (APP,)

    listing_id: UUID
    text: str
    author_user_id: UUID = Field(foreign_key="platform.users.id")
    updated_at: datetime = now_at()
