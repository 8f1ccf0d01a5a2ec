"""One attempt of one run, from its acceptance to its destruction, as clients see it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agent_platform.services.runtime import BOUNDS, wrong_with
from agent_platform.services.runtime.port import MIB, Phase, Reason, handle_of


class Refused(Exception):
    """The request can never be met; its text says why."""


class Busy(Exception):
    """The request cannot be met now; its text says why."""


@dataclass(eq=False)
class Attempt:
    """`ending` is why we are ending it, set before its processes die; `reason` is why it ended."""

    handle: str
    run_id: str
    attempt: int
    limits: dict[str, Any]
    token: str = field(repr=False)
    tenant_id: str = ""
    phase: Phase = Phase.STARTING
    reason: Reason | None = None
    exit_code: int | None = None
    started_at: str | None = None
    finished_at: str | None = None
    usage: dict[str, Any] | None = None
    detail: str = ""
    limits_met: list[str] = field(default_factory=list)
    ending: Reason | None = None

    @property
    def memory_bytes(self) -> int:
        return int(self.limits["memory_mb"]) * MIB

    def report(self) -> dict[str, Any]:
        """What clients and the disk may see; never the token."""
        return {
            "handle": self.handle,
            "run_id": self.run_id,
            "attempt": self.attempt,
            "phase": self.phase,
            "reason": self.reason,
            "exit_code": self.exit_code,
            "started_at": self.started_at,
            "finished_at": self.finished_at,
            "usage": self.usage,
            "detail": self.detail,
            "tenant_id": self.tenant_id,
            "limits_met": self.limits_met,
        }

    def run(self) -> None:
        self.phase = Phase.RUNNING
        self.started_at = now()

    def finish(self, reason: Reason, *, exit_code: int | None = None, detail: str = "") -> None:
        self.reason = reason
        self.exit_code = exit_code
        self.detail = detail
        self.finished_at = now()
        self.token = ""
        if reason is Reason.LOST:
            self.phase = Phase.LOST
        else:
            self.phase = Phase.SUCCEEDED if reason is Reason.OK else Phase.FAILED


def accept(spec: dict[str, Any]) -> Attempt:
    """The attempt that a client's spec describes. Raises: Refused naming the wrong member."""
    try:
        run_id, attempt, token = str(spec["run_id"]), int(spec["attempt"]), str(spec["token"])
        limits = {name: spec["limits"][name] for name in BOUNDS}
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"The sandbox specification lacks or misstates {error}.") from error
    if spec.get("isolation", "standard") != "standard":
        raise Refused(
            f"The embedded driver has no isolation {spec['isolation']}, so nothing was started; use AP_DRIVER=docker or kubernetes."
        )
    if spec.get("image"):
        raise Refused("The embedded driver runs no images, so nothing was started; use AP_DRIVER=docker or kubernetes.")
    if sentence := wrong_with(run_id, attempt, token, limits):
        raise Refused(sentence)
    return Attempt(
        handle=handle_of(run_id, attempt),
        run_id=run_id,
        attempt=attempt,
        limits=limits,
        token=token,
        tenant_id=str(spec.get("tenant_id", "")),
    )


def recovered(report: dict[str, Any]) -> Attempt:
    """An attempt of an earlier daemon: as it ended, or lost with that daemon."""
    attempt = Attempt(handle=report["handle"], run_id=report["run_id"], attempt=report["attempt"], limits={}, token="")
    for name in ("exit_code", "started_at", "finished_at", "usage", "detail"):
        setattr(attempt, name, report[name])
    attempt.tenant_id = report.get("tenant_id", "")
    attempt.limits_met = report.get("limits_met", [])
    attempt.phase = Phase(report["phase"])
    attempt.reason = Reason(report["reason"]) if report["reason"] else None
    if not attempt.phase.is_terminal:
        attempt.finish(Reason.LOST, detail="The sandbox host was restarted; its sandboxes ended with it.")
    return attempt


def now() -> str:
    return datetime.now(UTC).isoformat()
