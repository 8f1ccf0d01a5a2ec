"""What pages learn about agents, versions and builds, free of the database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from agent_platform.models.agents import AgentVersion, Build


@dataclass(frozen=True)
class AgentFacts:
    """`stable` is the number of the version that runs use, `latest` the highest number; both may be missing."""

    id: UUID
    slug: str
    name: str
    summary: str
    category: str
    visibility: str
    created_at: datetime
    archived_at: datetime | None
    stable: str | None
    stable_version_id: UUID | None
    latest: str | None
    latest_version_id: UUID | None
    latest_state: str | None
    versions: int


@dataclass(frozen=True)
class VersionFacts:
    """`request_state` is that of the newest request for publication, None if there was none."""

    id: UUID
    agent_id: UUID
    number: str
    state: str
    digest: str
    bundle_bytes: int
    created_at: datetime
    is_stable: bool
    changelog: str
    build_id: UUID | None = None
    build_state: str | None = None
    build_error: str | None = None
    request_id: UUID | None = None
    request_state: str | None = None
    request_note: str = ""

    @classmethod
    def of(cls, version: AgentVersion, *, is_stable: bool, build: Build | None = None, **more: Any) -> "VersionFacts":
        return cls(
            id=version.id,
            agent_id=version.agent_id,
            number=version.number,
            state=version.state,
            digest=version.digest,
            bundle_bytes=version.bundle_bytes,
            created_at=version.created_at,
            is_stable=is_stable,
            changelog=version.changelog,
            build_id=build.id if build else None,
            build_state=build.state if build else None,
            build_error=build.error if build else None,
            **more,
        )


@dataclass(frozen=True)
class BuildFacts:
    id: UUID
    version_id: UUID
    number: int
    state: str
    log: str
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    outcome: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, build: Build) -> "BuildFacts":
        return cls(
            build.id,
            build.version_id,
            build.number,
            build.state,
            build.log,
            build.error,
            build.created_at,
            build.started_at,
            build.finished_at,
            build.outcome.get("value") or {},
        )
