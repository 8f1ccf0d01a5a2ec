"""Agents of a creator: versions, builds, channels and requests for publication, each with its transitions."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from agent_platform.models._columns import (
    APP,
    TenantRow,
    jsonb,
    maybe_at,
    now_at,
    one_of,
    ordered_json,
    unique,
    within_tenant,
)


class Visibility(StrEnum):
    PRIVATE = "private"
    TENANT = "tenant"
    UNLISTED = "unlisted"
    PUBLIC = "public"


class VersionState(StrEnum):
    DRAFT = "draft"
    BUILDING = "building"
    BUILD_FAILED = "build_failed"
    READY = "ready"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    YANKED = "yanked"


class BuildState(StrEnum):
    QUEUED = "queued"
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


class RequestState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


# from -> allowed next. Source: product specification, section 5.
VERSION_TRANSITIONS: dict[VersionState, frozenset[VersionState]] = {
    VersionState.DRAFT: frozenset({VersionState.BUILDING}),
    VersionState.BUILDING: frozenset({VersionState.READY, VersionState.BUILD_FAILED}),
    VersionState.BUILD_FAILED: frozenset({VersionState.DRAFT}),
    VersionState.READY: frozenset({VersionState.IN_REVIEW, VersionState.YANKED}),
    VersionState.IN_REVIEW: frozenset(
        {VersionState.APPROVED, VersionState.CHANGES_REQUESTED, VersionState.REJECTED, VersionState.READY}
    ),
    VersionState.CHANGES_REQUESTED: frozenset({VersionState.DRAFT}),
    VersionState.APPROVED: frozenset({VersionState.YANKED}),
    VersionState.REJECTED: frozenset(),
    VersionState.YANKED: frozenset(),
}
BUILD_TRANSITIONS: dict[BuildState, frozenset[BuildState]] = {
    BuildState.QUEUED: frozenset({BuildState.BUILDING, BuildState.CANCELLED, BuildState.FAILED}),
    BuildState.BUILDING: frozenset(
        {BuildState.QUEUED, BuildState.READY, BuildState.FAILED, BuildState.CANCELLED, BuildState.TIMED_OUT}
    ),
    BuildState.READY: frozenset(),
    BuildState.FAILED: frozenset(),
    BuildState.CANCELLED: frozenset(),
    BuildState.TIMED_OUT: frozenset(),
}
RUNNABLE_VERSIONS = frozenset({VersionState.READY, VersionState.IN_REVIEW, VersionState.APPROVED})


class Agent(TenantRow, table=True):
    __tablename__: ClassVar[str] = "agents"
    __table_args__ = (unique("slug"), one_of("visibility", Visibility), APP)

    slug: str
    name: str
    visibility: str = Field(default=Visibility.PRIVATE)
    created_by_user_id: UUID | None = Field(default=None, foreign_key="platform.users.id")
    updated_at: datetime = now_at()
    archived_at: datetime | None = maybe_at()


class AgentVersion(TenantRow, table=True):
    """A manifest and a bundle, frozen once its build starts. `digest` is the SHA-256 of the bundle."""

    __tablename__: ClassVar[str] = "agent_versions"
    __table_args__ = (
        unique("agent_id", "number"),
        within_tenant("agent_id", "agents"),
        one_of("state", VersionState),
        APP,
    )

    agent_id: UUID
    number: str
    manifest: dict[str, Any] = ordered_json()
    manifest_text: str
    digest: str
    bundle_bytes: int
    readme: str = ""
    changelog: str = ""
    state: str = Field(default=VersionState.DRAFT)
    created_by_user_id: UUID | None = Field(default=None, foreign_key="platform.users.id")


class Build(TenantRow, table=True):
    """One try to turn a version into something that runs: unpacked, compiled and imported in a sandbox of its own."""

    __tablename__: ClassVar[str] = "builds"
    __table_args__ = (
        unique("version_id", "number"),
        within_tenant("version_id", "agent_versions"),
        one_of("state", BuildState),
        APP,
    )

    version_id: UUID
    number: int = 1
    state: str = Field(default=BuildState.QUEUED)
    driver_handle: str | None = None
    token_hash: str | None = None
    acked_seq: int = 0
    log: str = ""
    outcome: dict[str, Any] = jsonb()
    error: str | None = None
    started_at: datetime | None = maybe_at()
    finished_at: datetime | None = maybe_at()


class Channel(TenantRow, table=True):
    __tablename__: ClassVar[str] = "channels"
    __table_args__ = (
        unique("agent_id", "name"),
        within_tenant("agent_id", "agents"),
        within_tenant("version_id", "agent_versions"),
        APP,
    )

    agent_id: UUID
    name: str = "stable"
    version_id: UUID
    updated_at: datetime = now_at()


class PublicationRequest(TenantRow, table=True):
    __tablename__: ClassVar[str] = "publication_requests"
    __table_args__ = (
        within_tenant("agent_id", "agents"),
        within_tenant("version_id", "agent_versions"),
        one_of("state", RequestState),
        one_of("visibility", Visibility),
        Index("ix_publication_requests_open", "created_at", postgresql_where="state = 'open'"),
        APP,
    )

    agent_id: UUID
    version_id: UUID
    visibility: str
    state: str = Field(default=RequestState.OPEN)
    message: str = ""
    requested_by_user_id: UUID | None = Field(default=None, foreign_key="platform.users.id")
    decided_by_user_id: UUID | None = Field(default=None, foreign_key="platform.users.id")
    decided_at: datetime | None = maybe_at()
    decision_note: str = ""
