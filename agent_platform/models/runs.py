"""Runs, their attempts and their place in the queue. The tenant of a run is the one that asked for it and pays."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from agent_platform.models._columns import (
    APP,
    TenantRow,
    count,
    flag,
    jsonb,
    maybe_at,
    maybe_jsonb,
    micro_usd,
    now_at,
    one_of,
    unique,
    within_tenant,
)


class RunState(StrEnum):
    HELD = "held"
    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    STOPPING = "stopping"
    SUCCEEDED = "succeeded"
    CAPPED = "capped"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"


class AttemptState(StrEnum):
    CREATED = "created"
    LAUNCHING = "launching"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    SUSPENDED = "suspended"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    KILLED = "killed"
    LOST = "lost"


class StopReason(StrEnum):
    CANCELLED = "cancelled"
    CAPPED = "capped"
    TIMED_OUT = "timed_out"


class FailureClass(StrEnum):
    INPUT = "input"
    AGENT = "agent"
    UPSTREAM = "upstream"
    PLATFORM = "platform"
    CAP = "cap"


class Origin(StrEnum):
    WEB = "web"
    API = "api"
    TEST = "test"
    DEMO = "demo"
    PARENT = "parent"


# from -> allowed next. Source: product specification, section 5. Nothing else changes a run's state.
RUN_TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.HELD: frozenset({RunState.QUEUED, RunState.CANCELLED}),
    RunState.QUEUED: frozenset({RunState.STARTING, RunState.CANCELLED, RunState.FAILED}),
    RunState.STARTING: frozenset({RunState.RUNNING, RunState.QUEUED, RunState.FAILED, RunState.STOPPING}),
    RunState.RUNNING: frozenset(
        {RunState.SUCCEEDED, RunState.FAILED, RunState.QUEUED, RunState.WAITING, RunState.STOPPING}
    ),
    RunState.WAITING: frozenset({RunState.QUEUED, RunState.CANCELLED}),
    RunState.STOPPING: frozenset({RunState.CANCELLED, RunState.CAPPED, RunState.TIMED_OUT}),
    RunState.SUCCEEDED: frozenset(),
    RunState.CAPPED: frozenset(),
    RunState.FAILED: frozenset(),
    RunState.CANCELLED: frozenset(),
    RunState.TIMED_OUT: frozenset(),
}
FINAL_RUN_STATES = frozenset(state for state, following in RUN_TRANSITIONS.items() if not following)
ATTEMPT_TRANSITIONS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.CREATED: frozenset({AttemptState.LAUNCHING, AttemptState.KILLED}),
    AttemptState.LAUNCHING: frozenset(
        {AttemptState.RUNNING, AttemptState.FAILED, AttemptState.LOST, AttemptState.KILLED, AttemptState.TIMED_OUT}
    ),
    AttemptState.RUNNING: frozenset(
        {
            AttemptState.SUCCEEDED,
            AttemptState.SUSPENDED,
            AttemptState.FAILED,
            AttemptState.TIMED_OUT,
            AttemptState.KILLED,
            AttemptState.LOST,
        }
    ),
    AttemptState.SUCCEEDED: frozenset(),
    AttemptState.SUSPENDED: frozenset(),
    AttemptState.FAILED: frozenset(),
    AttemptState.TIMED_OUT: frozenset(),
    AttemptState.KILLED: frozenset(),
    AttemptState.LOST: frozenset(),
}


class Run(TenantRow, table=True):
    """`price` is the frozen price list; `options` hold what else was fixed at accept; `child_micro_usd` of the cap is lent to, or was spent by, its child runs."""

    __tablename__: ClassVar[str] = "runs"
    __table_args__ = (
        CheckConstraint("num_nonnulls(own_version_id, release_id) = 1", name="one_source"),
        CheckConstraint("(release_id IS NULL) = (publisher_tenant_id IS NULL)", name="release_has_publisher"),
        CheckConstraint("cap_micro_usd > 0", name="cap_is_positive"),
        CheckConstraint(
            "charged_micro_usd >= 0 AND child_micro_usd >= 0 AND charged_micro_usd + child_micro_usd <= cap_micro_usd",
            name="charged_within_cap",
        ),
        within_tenant("own_version_id", "agent_versions"),
        within_tenant("parent_run_id", "runs"),
        ForeignKeyConstraint(
            ["release_id", "publisher_tenant_id"], ["catalogue.releases.id", "catalogue.releases.tenant_id"]
        ),
        unique("idempotency_key"),
        one_of("state", RunState),
        one_of("origin", Origin),
        Index("ix_runs_recent", "tenant_id", "created_at", "id"),
        Index("ix_runs_open", "tenant_id", "state", postgresql_where="finished_at IS NULL"),
        Index("ix_runs_parent", "tenant_id", "parent_run_id", postgresql_where="parent_run_id IS NOT NULL"),
        APP,
    )

    agent_ref: str
    agent_name: str
    version: str
    own_version_id: UUID | None = None
    release_id: UUID | None = None
    publisher_tenant_id: UUID | None = None
    state: str = Field(default=RunState.QUEUED)
    attempt: int = 1
    fence: int = 0
    lease_until: datetime | None = maybe_at()
    origin: str = Field(default=Origin.WEB)
    title: str = ""
    input: dict[str, Any] = jsonb()
    options: dict[str, Any] = jsonb()
    price: dict[str, Any] = jsonb()
    cap_micro_usd: int = micro_usd()
    charged_micro_usd: int = micro_usd()
    memory_mb: int
    cpu: float = 0.5
    disk_mb: int = 256
    timeout_seconds: int
    retries_left: int = 0
    platform_retries_left: int = 2
    idempotency_key: str
    started_by_user_id: UUID | None = Field(default=None, foreign_key="platform.users.id")
    started_by_name: str = ""
    rerun_of: UUID | None = None
    parent_run_id: UUID | None = None
    is_dry_run: bool = flag()
    stop_reason: str | None = None
    stopped_by: str | None = None
    stop_deadline_at: datetime | None = maybe_at()
    failure_class: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    progress_done: float | None = None
    progress_total: float | None = None
    progress_message: str | None = None
    item_count: int = count()
    dropped_count: int = count()
    approval_count: int = count()
    child_count: int = count()
    child_micro_usd: int = micro_usd()
    event_seq: int = count()
    log_bytes: int = count()
    compute_ms: int = count()
    compute_micro_usd: int = micro_usd()
    result: dict[str, Any] | None = maybe_jsonb()
    queued_at: datetime = now_at()
    started_at: datetime | None = maybe_at()
    finished_at: datetime | None = maybe_at()


class RunAttempt(TenantRow, table=True):
    __tablename__: ClassVar[str] = "run_attempts"
    __table_args__ = (unique("run_id", "number"), within_tenant("run_id", "runs"), one_of("state", AttemptState), APP)

    run_id: UUID
    number: int
    state: str = Field(default=AttemptState.CREATED)
    reason: str = "first"
    driver: str = ""
    driver_handle: str | None = None
    token_hash: str | None = None
    spec: dict[str, Any] = jsonb()
    acked_seq: int = 0
    outcomes: dict[str, Any] = jsonb()
    spoken: dict[str, Any] | None = maybe_jsonb()
    exit_code: int | None = None
    diagnosis: dict[str, Any] | None = maybe_jsonb()
    launched_at: datetime | None = maybe_at()
    ready_at: datetime | None = maybe_at()
    ended_at: datetime | None = maybe_at()


class Dispatch(SQLModel, table=True):
    """A run's place in the queue. Deleted at settlement; Redis only wakes workers early.

    A waiting run holds no slot, and a child run shares the one of its parent. `ready_at` of a waiting one is when its question expires.
    """

    __tablename__: ClassVar[str] = "dispatch"
    __table_args__ = (
        within_tenant("run_id", "runs"),
        CheckConstraint("state IN ('parked', 'queued', 'leased', 'waiting')", name="state_is_known"),
        Index("ix_dispatch_due", "priority", "ready_at", postgresql_where="state = 'queued'"),
        APP,
    )

    tenant_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    state: str
    attempt: int = 1
    fence: int = 0
    priority: int = 0
    ready_at: datetime = now_at()
    lease_until: datetime | None = maybe_at()
    worker: str | None = None
    cancel_sent_at: datetime | None = maybe_at()
    token_until: datetime | None = maybe_at()
    holds_slot: bool = flag(default=True)
    created_at: datetime = now_at()
