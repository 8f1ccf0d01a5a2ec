"""A driver of sandboxes that never run, and events as the broker reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agent_platform.services.runtime import LogChunk, Phase, Reason, Rejected, SandboxSpec, Status, Transient, handle_of


@dataclass
class StillDriver:
    """Starts nothing; a test says how each sandbox ended."""

    started: list[SandboxSpec] = field(default_factory=list)
    ended: dict[str, Status] = field(default_factory=dict)
    destroyed: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    refuses: Exception | None = None

    def start(self, spec: SandboxSpec) -> str:
        if self.refuses is not None:
            raise self.refuses
        self.started.append(spec)
        return handle_of(spec.run_id, spec.attempt)

    def status(self, handle: str) -> Status:
        run_id, _, attempt = handle.removeprefix("ap-").rpartition("-")
        if handle in self.ended:
            return self.ended[handle]
        alive = any(handle_of(spec.run_id, spec.attempt) == handle for spec in self.started)
        phase, reason = (Phase.RUNNING, None) if alive else (Phase.LOST, Reason.LOST)
        return Status(handle=handle, run_id=run_id, attempt=int(attempt), phase=phase, reason=reason)

    def end(
        self, reason: Reason, *, exit_code: int | None = None, phase: Phase = Phase.FAILED, started: Any = None
    ) -> Status:
        """The newest sandbox has ended so."""
        spec = self.started[-1]
        handle = handle_of(spec.run_id, spec.attempt)
        self.ended[handle] = Status(
            handle=handle,
            run_id=spec.run_id,
            attempt=spec.attempt,
            phase=phase,
            reason=reason,
            exit_code=exit_code,
            started_at=started,
        )
        return self.ended[handle]

    def destroy(self, handle: str) -> None:
        self.destroyed.append(handle)

    def cancel(self, handle: str, grace_seconds: float) -> None:
        self.cancelled.append(handle)

    def logs(self, handle: str, since: int = 0) -> Iterator[LogChunk]:
        return iter([LogChunk(0, "stderr", b"Segmentation fault\n", 19)] if handle in self.ended else ())

    def list(self) -> Iterator[Status]:
        return iter(())


AWAY = Transient("The sandbox host is not reachable.")
NEVER = Rejected("The limit memory_mb must be between 32 and 64.")


@dataclass(frozen=True)
class Said:
    """An event with the fields a build reads."""

    seq: int
    type: str
    at: str = "2026-11-22T10:00:01Z"
    level: str = "info"
    text: str = ""
    value: Any = None
    error: dict[str, Any] = field(default_factory=dict)
