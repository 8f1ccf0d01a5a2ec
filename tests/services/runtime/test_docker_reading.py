"""From what the folder and the engine say to a status."""

from typing import Any

import pytest

from agent_platform.services.runtime import Phase, Reason
from agent_platform.services.runtime._docker.reading import Facts, overdue, status_of

NOW = 1_000_000.0
CLAIMED, RUNNING = {"what": "claimed", "at": NOW - 20}, {"what": "running", "at": NOW - 19}
LIMITS = {"wall_seconds": 60, "start_seconds": 30}
ALIVE = {"Status": "running"}


def exited(code: int, **members: Any) -> dict[str, Any]:
    return {"Status": "exited", "ExitCode": code, "FinishedAt": "2026-11-29T04:11:21.751437719Z", **members}


def told(code: int, at: float = NOW - 1, **members: Any) -> dict[str, Any]:
    return {"what": "exit", "at": at, "code": code, "cpu_seconds": 1.5, "peak_memory_bytes": 7, "words": "w", **members}


def stop(at: float, reason: Reason = Reason.CANCELLED, kill_at: float = NOW) -> dict[str, Any]:
    return {"reason": reason.value, "at": at, "kill_at": kill_at}


def facts(*notes: dict[str, Any], **members: Any) -> Facts:
    given = {"handle": "ap-run-1-2", "made_at": NOW - 21, "container": "c", "record": LIMITS, "notes": notes}
    return Facts(**given | members)


@pytest.mark.parametrize(
    ("found", "phase", "reason"),
    [
        (facts(container=""), Phase.STARTING, None),
        (facts(state={"Status": "created"}), Phase.STARTING, None),
        (facts(CLAIMED, state=ALIVE), Phase.STARTING, None),
        (facts(CLAIMED, RUNNING, state=ALIVE), Phase.RUNNING, None),
        (facts(CLAIMED, RUNNING, state={"Status": "paused"}), Phase.RUNNING, None),
        (facts(CLAIMED, RUNNING, told(0), state=exited(0)), Phase.SUCCEEDED, Reason.OK),
        (facts(CLAIMED, RUNNING, told(0), state=exited(0), stop=stop(NOW - 2)), Phase.SUCCEEDED, Reason.OK),
        (facts(CLAIMED, RUNNING, told(3), state=exited(3)), Phase.FAILED, Reason.ERROR),
        (facts(CLAIMED, RUNNING, told(143), state=exited(143), stop=stop(NOW - 2)), Phase.FAILED, Reason.CANCELLED),
        (facts(CLAIMED, RUNNING, told(3, NOW - 9), state=exited(3), stop=stop(NOW - 2)), Phase.FAILED, Reason.ERROR),
        (facts(CLAIMED, RUNNING, told(137, oom=True), state=exited(137)), Phase.FAILED, Reason.OOM),
        (facts(CLAIMED, RUNNING, state=exited(137, OOMKilled=True)), Phase.FAILED, Reason.OOM),
        (
            facts(CLAIMED, RUNNING, {"what": "timeout", "at": NOW - 3}, told(137, oom=True), state=exited(137)),
            Phase.FAILED,
            Reason.TIMEOUT,
        ),
        (
            facts(
                CLAIMED, RUNNING, {"what": "timeout", "at": NOW - 3}, told(137), state=exited(137), stop=stop(NOW - 5)
            ),
            Phase.FAILED,
            Reason.CANCELLED,
        ),
        (
            facts(CLAIMED, {"what": "start_timeout", "at": 1}, told(137), state=exited(137)),
            Phase.FAILED,
            Reason.START_TIMEOUT,
        ),
        (facts(state=exited(1)), Phase.FAILED, Reason.IMAGE),
        (facts(CLAIMED, RUNNING, state=exited(137)), Phase.LOST, Reason.LOST),
        (facts(CLAIMED, RUNNING, {"what": "stopped", "at": 1}, told(143), state=exited(143)), Phase.LOST, Reason.LOST),
        (facts(CLAIMED, RUNNING), Phase.LOST, Reason.LOST),
        (facts(CLAIMED, RUNNING, told(4)), Phase.FAILED, Reason.ERROR),
        (facts(container="", stop=stop(NOW - 2)), Phase.FAILED, Reason.CANCELLED),
        (facts(container="", made_at=NOW - 36), Phase.LOST, Reason.LOST),
    ],
)
def test_each_end_has_its_phase_and_reason(found: Facts, phase: Phase, reason: Reason | None) -> None:
    status = status_of(found, NOW)
    assert (status.phase, status.reason) == (phase, reason)
    assert (status.run_id, status.attempt) == ("run-1", 2)
    assert (status.finished_at is not None) == phase.is_terminal
    assert status.phase is not Phase.LOST or status.detail


def test_an_end_tells_moments_usage_and_last_words() -> None:
    status = status_of(facts(CLAIMED, RUNNING, told(3), state=exited(3)), NOW)
    assert status.started_at.timestamp() == NOW - 19
    assert status.finished_at.isoformat() == "2026-11-29T04:11:21.751437+00:00"
    assert (status.usage.cpu_seconds, status.usage.peak_memory_bytes) == (1.5, 7)
    assert status.detail == "w"


@pytest.mark.sec
def test_what_an_image_of_somebody_else_notes_breaks_nothing() -> None:
    odd = {"what": "exit", "at": 1e300, "code": [], "cpu_seconds": "x", "peak_memory_bytes": None, "words": {"a": 1}}
    begun = {"what": "running", "at": float("nan")}
    status = status_of(facts(CLAIMED, begun, odd, state=exited(3)), NOW)
    assert (status.reason, status.exit_code, status.usage, status.started_at) == (Reason.ERROR, 3, None, None)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (facts(CLAIMED, state=ALIVE), None),
        (facts(CLAIMED, state=ALIVE, made_at=NOW - 36), Reason.START_TIMEOUT),
        (facts(CLAIMED, RUNNING, state=ALIVE), None),
        (facts(CLAIMED, {"what": "running", "at": NOW - 68}, state=ALIVE), Reason.TIMEOUT),
        (facts(CLAIMED, {"what": "running", "at": NOW + 1e6}, state=ALIVE), None),
        (facts(CLAIMED, {"what": "running", "at": NOW + 1e6}, state=ALIVE, made_at=NOW - 128), Reason.TIMEOUT),
        (facts(CLAIMED, RUNNING, state=ALIVE, stop=stop(NOW - 9, kill_at=NOW - 4)), None),
        (facts(CLAIMED, RUNNING, state=ALIVE, stop=stop(NOW - 9, kill_at=NOW - 6)), Reason.CANCELLED),
    ],
)
def test_what_its_own_clock_does_not_end_is_ended_from_outside(found: Facts, reason: Reason | None) -> None:
    assert overdue(found, NOW) is reason
