"""What every runtime driver promises: one sandbox for exactly one attempt of one run, never reused."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

MIB = 1024 * 1024


class Phase(StrEnum):
    PENDING = "pending"
    STARTING = "starting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"

    @property
    def is_terminal(self) -> bool:
        return self in {Phase.SUCCEEDED, Phase.FAILED, Phase.LOST}


class Reason(StrEnum):
    OK = "ok"
    ERROR = "error"
    OOM = "oom"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    START_TIMEOUT = "start_timeout"
    IMAGE = "image"
    QUOTA = "quota"
    EVICTED = "evicted"
    NODE_LOST = "node_lost"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one sandbox may use. `disk_mb` bounds each of /agent and /work (/tmp lies in /work)."""

    cpu: float
    memory_mb: int
    pids: int
    disk_mb: int
    wall_seconds: float
    start_seconds: float = 60
    log_bytes: int = 10 * MIB


Isolation = Literal["standard", "gvisor", "kata"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantPolicy:
    """What one tenant's sandboxes may use together, where a driver can hold that."""

    tenant_id: str
    sandboxes: int
    cpu: float
    memory_mb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSpec:
    """One attempt. The token is handed to the runner in memory and kept nowhere. `image`: by digest; empty for the base image."""

    run_id: str
    attempt: int
    tenant_id: str
    bundle_digest: str
    limits: Limits
    image: str = ""
    isolation: Isolation = "standard"
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    cpu_seconds: float
    peak_memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`started_at` is None until the runner has its input; `reason` and `finished_at` until the phase is terminal.

    `detail` is for operators: the limit that was met, the signal, the launcher's last words. `tenant_id` is empty where the
    driver does not know it.
    `limits_met`: `pids` when the sandbox was refused a process or thread, however it ended afterwards.
    """

    handle: str
    run_id: str
    attempt: int
    phase: Phase
    reason: Reason | None = None
    exit_code: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    usage: Usage | None = None
    detail: str = ""
    tenant_id: str = ""
    limits_met: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogChunk:
    """Raw output in its order; read on with `since=chunk.next`."""

    seq: int
    stream: Literal["stdout", "stderr"]
    content: bytes
    next: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """`limits` is `cgroup` or `rlimit`; `own_uid`: each sandbox has a uid of its own; `warm` counts ready sandboxes.

    `degraded`: why the driver cannot follow its sandboxes now; empty when it can.
    """

    driver: str
    isolation: tuple[Isolation, ...]
    limits: Literal["cgroup", "rlimit"]
    own_uid: bool
    network: Literal["none", "broker"]
    warm: int
    warm_target: int
    most_sandboxes: int
    sandboxes: int
    degraded: str = ""


def handle_of(run_id: object, attempt: int) -> str:
    """The name of the one sandbox of this attempt, the same before and after it was started."""
    return f"ap-{run_id}-{attempt}"


class RuntimeDriver(Protocol):
    """Synchronous, safe for threads, knows no database. Every call may be repeated.

    Raises (every call): Transient when the driver cannot be reached.
    """

    def capabilities(self) -> Capabilities: ...

    def ensure_tenant(self, policy: TenantPolicy) -> None:
        """The tenant's sandboxes together stay within the policy, where the driver has a place for it."""
        ...

    def start(self, spec: SandboxSpec) -> str:
        """The handle of the one sandbox of (run, attempt), which starts. Raises: Transient, Rejected."""
        ...

    def status(self, handle: str) -> Status:
        """A fresh read; an unknown handle is LOST, never an exception."""
        ...

    def list(self) -> Iterator[Status]:
        """Everything that was started and not destroyed, by whichever client."""
        ...

    def watch(self, stop: threading.Event) -> Iterator[Status]:
        """Hints, at least once, until `stop` is set; begins with `list()`, again after every interruption."""
        ...

    def logs(self, handle: str, since: int = 0) -> Iterator[LogChunk]:
        """What the sandbox has written so far, cut at `log_bytes` with a visible marker."""
        ...

    def cancel(self, handle: str, grace_seconds: float) -> None:
        """SIGTERM to the tree, SIGKILL after the grace; returns at once."""
        ...

    def destroy(self, handle: str) -> None:
        """No process, file or cgroup of the sandbox is left."""
        ...

    def prewarm(self, key: str, n: int) -> int:
        """The warm pool grows or shrinks to `n`; returns how many are ready now."""
        ...
