"""How a sandbox's end reads to a person."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent_platform.services.runtime import Phase, Reason, Status, diagnose

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ended(reason: Reason | None, *, exit_code: int | None = None, started_at: datetime | None = NOW) -> Status:
    return Status(
        handle="ap-r-1",
        run_id="r",
        attempt=1,
        phase=Phase.FAILED,
        reason=reason,
        exit_code=exit_code,
        started_at=started_at,
    )


@pytest.mark.parametrize(
    ("status", "failure_class", "code"),
    [
        (ended(Reason.OOM, exit_code=137), "agent", "out_of_memory"),
        (ended(Reason.TIMEOUT, exit_code=143), "agent", "timed_out"),
        (ended(Reason.START_TIMEOUT, started_at=None), "platform", "launch_failed"),
        (ended(Reason.ERROR, exit_code=1, started_at=None), "platform", "launch_failed"),
        (ended(Reason.LOST), "platform", "worker_lost"),
        (ended(Reason.ERROR, exit_code=75), "platform", "worker_lost"),
        (ended(Reason.ERROR, exit_code=3), "agent", "agent_exit"),
        (ended(Reason.OK, exit_code=0), "agent", "agent_exit"),
        (ended(Reason.ERROR, exit_code=153), "agent", "disk_full"),
        (replace(ended(Reason.ERROR, exit_code=1), limits_met=("pids",)), "agent", "too_many_processes"),
        (replace(ended(Reason.OOM, exit_code=137), limits_met=("pids",)), "agent", "out_of_memory"),
    ],
)
def test_each_end_has_its_class_and_code(status: Status, failure_class: str, code: str) -> None:
    diagnosis = diagnose(status)
    assert (diagnosis.failure_class, diagnosis.code) == (failure_class, code)
    assert diagnosis.sentence.endswith(".")
    assert diagnosis.resolution.endswith(".")


def test_the_exit_is_named_as_code_or_signal() -> None:
    assert "with exit code 3 without giving a result" in diagnose(ended(Reason.ERROR, exit_code=3)).sentence
    assert "by signal 11" in diagnose(ended(Reason.ERROR, exit_code=139)).sentence
