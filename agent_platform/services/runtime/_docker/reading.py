"""From what folder and engine say about one attempt to its status. Pure."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from agent_platform.services.runtime.port import Phase, Reason, Status, Usage

ENDED = frozenset({"exited", "dead", "removing"})
ENDINGS = {"timeout": Reason.TIMEOUT, "start_timeout": Reason.START_TIMEOUT}
# A container that its starter never got to make or to start is given up after this, on top of `start_seconds`.
SLACK_SECONDS = 5.0
TIMEOUT_GRACE_SECONDS = 2.0
DEFAULT_START_SECONDS = 60.0
# How long a container may take until it reads its claim.
BOOT_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`made_at`: when the folder became this attempt's. `container`: its id, empty before one was made.

    `state`: the engine's, None when it has no such container. `record`, `notes`, `stop` are what lies in the folder: limits;
    the container's own notes; who asked it to end, and when.
    """

    handle: str
    made_at: float
    record: dict[str, Any] = field(default_factory=dict)
    notes: tuple[dict[str, Any], ...] = ()
    stop: dict[str, Any] | None = None
    state: dict[str, Any] | None = None
    container: str = ""

    def note(self, what: str) -> dict[str, Any] | None:
        return next((note for note in self.notes if note.get("what") == what), None)

    @property
    def running_at(self) -> float | None:
        note = self.note("running")
        return note["at"] if note else None

    @property
    def is_alive(self) -> bool:
        return self.state is not None and self.state.get("Status") not in ENDED

    def limit(self, name: str, otherwise: float) -> float:
        value = self.record.get(name)
        return float(value) if isinstance(value, int | float) else otherwise


def status_of(facts: Facts, now: float) -> Status:
    started = facts.running_at
    if facts.is_alive:
        phase = Phase.STARTING if started is None else Phase.RUNNING
        return _status(facts, phase=phase)
    if not facts.container and facts.stop is None and not _is_late(facts, now):
        return _status(facts, phase=Phase.STARTING)
    return _ended(facts)


def unknown(handle: str) -> Status:
    return Status(
        handle=handle,
        run_id="",
        attempt=0,
        phase=Phase.LOST,
        reason=Reason.LOST,
        detail="The docker driver knows no such sandbox.",
    )


def stray(handle: str) -> Status:
    """Of a container that carries our label and the name of an attempt, but has no folder any more."""
    run_id, attempt = _parts_of(handle)
    detail = "Its control folder is gone, so it can only be removed."
    return replace(unknown(handle), run_id=run_id, attempt=attempt, detail=detail)


def overdue(facts: Facts, now: float) -> Reason | None:
    """Why it must be killed from outside: the container's own clock did not do it."""
    if facts.stop is not None:
        late = now > facts.stop["kill_at"] + SLACK_SECONDS
        return Reason(facts.stop["reason"]) if late else None
    if facts.running_at is None:
        return Reason.START_TIMEOUT if _is_late(facts, now) else None
    most = facts.limit("wall_seconds", 0.0) + TIMEOUT_GRACE_SECONDS + SLACK_SECONDS
    # An image of somebody else may note that it runs from tomorrow on; it had its folder from `made_at` on.
    begun = min(facts.running_at, facts.made_at + BOOT_SECONDS + facts.limit("start_seconds", DEFAULT_START_SECONDS))
    return Reason.TIMEOUT if now > begun + most else None


def _is_late(facts: Facts, now: float) -> bool:
    return now > facts.made_at + facts.limit("start_seconds", DEFAULT_START_SECONDS) + SLACK_SECONDS


def _ended(facts: Facts) -> Status:
    told, state = facts.note("exit"), facts.state or {}
    exit_code = state.get("ExitCode") if facts.state is not None else (told or {}).get("code")
    if facts.state is not None and state.get("Status") == "created":
        exit_code = None
    reason = _reason(facts, exit_code)
    phase = {Reason.OK: Phase.SUCCEEDED, Reason.LOST: Phase.LOST}.get(reason, Phase.FAILED)
    words = "" if reason is Reason.OK else str((told or {}).get("words") or state.get("Error") or "").strip()
    finished = _engine_moment(state.get("FinishedAt")) or _moment((told or facts.stop or {}).get("at"))
    return _status(
        facts,
        phase=phase,
        reason=reason,
        exit_code=exit_code,
        finished_at=finished or _moment(facts.made_at),
        usage=_usage(told),
        detail=words or _silence(reason),
    )


def _reason(facts: Facts, exit_code: int | None) -> Reason:
    """The first cause wins; what nobody asked for and no limit explains was done to the container from outside."""
    if exit_code == 0:
        return Reason.OK
    causes = [(note["at"], ENDINGS[note["what"]]) for note in facts.notes if note.get("what") in ENDINGS]
    if facts.stop is not None and not _came_late(facts):
        causes.append((facts.stop["at"], Reason(facts.stop["reason"])))
    if causes:
        return min(causes)[1]
    told = facts.note("exit")
    if (facts.state or {}).get("OOMKilled") or (told or {}).get("oom"):
        return Reason.OOM
    if facts.note("claimed") is None and exit_code is not None:
        return Reason.IMAGE
    if told is None or facts.note("stopped"):
        return Reason.LOST
    return Reason.ERROR


def _came_late(facts: Facts) -> bool:
    """It was asked to end when it had ended already."""
    told = facts.note("exit")
    return bool(told and facts.stop and facts.stop["at"] > told["at"])


def _silence(reason: Reason) -> str:
    if reason is Reason.LOST:
        return "The container ended by no doing of ours or the agent's: the engine or the machine was stopped, or it was killed."
    return ""


def _status(facts: Facts, **members: Any) -> Status:
    run_id, attempt = _parts_of(facts.handle)
    return Status(
        handle=facts.handle,
        run_id=run_id,
        attempt=attempt,
        started_at=_moment(facts.running_at),
        tenant_id=str(facts.record.get("tenant_id", "")),
        **members,
    )


def _parts_of(handle: str) -> tuple[str, int]:
    run_id, _, attempt = handle.removeprefix("ap-").rpartition("-")
    return run_id, int(attempt)


def _usage(told: dict[str, Any] | None) -> Usage | None:
    try:
        return Usage(cpu_seconds=float(told["cpu_seconds"]), peak_memory_bytes=int(told["peak_memory_bytes"]))  # type: ignore[index]
    except (TypeError, KeyError, ValueError):
        return None  # the container could not say it any more


def _moment(seconds: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None  # nothing was noted, or something that is no moment


def _engine_moment(text: Any) -> datetime | None:
    """The engine writes nanoseconds, and the year 1 for never."""
    if not isinstance(text, str) or text.startswith("0001-"):
        return None
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}+00:00")
