"""How a sandbox's end reads to a person."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent_platform.services.runtime import Phase, Reason, Seen, Status, diagnose, rests_on_its_word

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NEVER_HEARD_OF = Seen(had_input=False)
HEARD = Seen(had_input=True)
UNHEARD = Seen(had_input=True, broker_was_out=True)


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
        (ended(Reason.ERROR, exit_code=3), "agent", "agent_exit"),
        (ended(Reason.OK, exit_code=0), "agent", "agent_exit"),
        (ended(Reason.ERROR, exit_code=153), "agent", "disk_full"),
        (replace(ended(Reason.ERROR, exit_code=1), limits_met=("pids",)), "agent", "too_many_processes"),
        (replace(ended(Reason.OOM, exit_code=137), limits_met=("pids",)), "agent", "out_of_memory"),
    ],
)
def test_each_end_has_its_class_and_code(status: Status, failure_class: str, code: str) -> None:
    diagnosis = diagnose(status, NEVER_HEARD_OF if status.started_at is None else HEARD)
    assert (diagnosis.failure_class, diagnosis.code) == (failure_class, code)
    assert diagnosis.sentence.endswith(".")
    assert diagnosis.resolution.endswith(".")


def test_the_exit_is_named_as_code_or_signal() -> None:
    assert "with exit code 3 without giving a result" in diagnose(ended(Reason.ERROR, exit_code=3), HEARD).sentence
    assert "by signal 11" in diagnose(ended(Reason.ERROR, exit_code=139), HEARD).sentence


BLAMES = {
    "nobody listened": (ended(Reason.ERROR, exit_code=75), "worker_lost"),
    "nobody listened, never ran": (ended(Reason.ERROR, exit_code=75, started_at=None), "launch_failed"),
    "no word that it ran": (ended(Reason.ERROR, exit_code=1, started_at=None), "launch_failed"),
    "no word that it ran, well": (ended(Reason.OK, exit_code=0, started_at=None), "launch_failed"),
    "too late": (ended(Reason.START_TIMEOUT, exit_code=137, started_at=None), "launch_failed"),
    "no image": (ended(Reason.IMAGE, exit_code=1, started_at=None), "image_missing"),
    "no room": (ended(Reason.QUOTA, started_at=None), "launch_failed"),
}


@pytest.mark.sec
@pytest.mark.parametrize("case", BLAMES)
def test_a_sandbox_that_blames_the_platform_needs_records_of_our_own(case: str) -> None:
    status, code = BLAMES[case]
    assert rests_on_its_word(status)
    for seen in (NEVER_HEARD_OF, UNHEARD):
        assert (diagnose(status, seen).failure_class, diagnose(status, seen).code) == ("platform", code)
    assert (diagnose(status, HEARD).failure_class, diagnose(status, HEARD).code) == ("agent", "agent_exit")


@pytest.mark.parametrize(
    "status",
    [
        ended(Reason.LOST),
        ended(Reason.NODE_LOST, exit_code=75),
        ended(Reason.EVICTED, started_at=None),
        ended(Reason.OOM, exit_code=75),
        ended(Reason.TIMEOUT, exit_code=143),
        ended(Reason.ERROR, exit_code=3),
    ],
)
def test_what_others_saw_rests_on_no_word_of_the_sandbox(status: Status) -> None:
    assert not rests_on_its_word(status)
    assert diagnose(status, HEARD) == diagnose(status, UNHEARD)


def test_an_exit_code_that_lies_is_answered_by_the_records() -> None:
    found = diagnose(ended(Reason.ERROR, exit_code=75), HEARD)
    assert "with exit code 75 without giving a result" in found.sentence
    assert "by the platform's own records the broker answered all the time" in found.sentence
