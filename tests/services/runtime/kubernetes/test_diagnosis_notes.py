"""What an agent writes among the notes of its sandbox, and what is believed of it."""

from datetime import timedelta

import pytest

from agent_platform.services.runtime import Phase, Reason, Usage, diagnose
from agent_platform.services.runtime._kubernetes.diagnosis import read
from agent_platform.services.runtime._kubernetes.evidence import last_word, moment
from tests.services.runtime.kubernetes.statuses import (
    HEARD,
    NEVER_HEARD_OF,
    RUNNING,
    SOON,
    T0,
    USAGE,
    a_job,
    a_pod,
    ended,
    note,
    noted,
    text,
)


def test_the_entry_tells_when_the_runner_had_its_input_and_what_it_used():
    status = read(a_job(), a_pod(ended(3, noted(3, RUNNING, words="Traceback")), "Failed"), now=SOON)
    assert status.started_at == T0 + timedelta(seconds=2.25)
    assert status.usage == Usage(**USAGE)
    assert status.detail == "Traceback"


def test_a_claimed_pod_has_run_since_its_claim():
    pod = a_pod({"running": {"startedAt": text(-500)}})
    pod["metadata"]["annotations"] = {"ap.claimed-at": text(3), "ap.start-seconds": "60"}
    status = read(None, pod, now=SOON)
    assert (status.phase, status.started_at) == (Phase.RUNNING, T0 + timedelta(seconds=3))


@pytest.mark.sec
@pytest.mark.parametrize(
    "message", ["", "[]", '"x"', "null", "not json", '{"what": 3}', '{"what":"running","at":"x"}', "{" * 500]
)
def test_what_an_agent_writes_in_place_of_the_entry_breaks_nothing(message):
    status = read(a_job(), a_pod(ended(1, message), "Failed"), now=SOON)
    assert status.reason is Reason.ERROR


@pytest.mark.sec
def test_an_agent_that_drowns_the_notes_is_still_an_agent_that_ran():
    assert not last_word(note("start_timeout", 1) + "x" * 4096).spoken
    drowned = read(a_job(), a_pod(ended(1, note("start_timeout", 1) + "x" * 4096), "Failed"), now=SOON)
    assert (drowned.reason, drowned.started_at is None) == (Reason.ERROR, False)
    assert diagnose(drowned, HEARD).failure_class == "agent"


@pytest.mark.sec
def test_an_agent_that_claims_never_to_have_started_did_run():
    status = read(a_job(), a_pod(ended(1, noted(1, RUNNING, note("start_timeout", 8))), "Failed"), now=SOON)
    assert (status.reason, diagnose(status, HEARD).failure_class) == (Reason.ERROR, "agent")


@pytest.mark.sec
@pytest.mark.parametrize("forged", [noted(1), noted(1, note("start_timeout", 8))], ids=["never ran", "too late"])
def test_an_agent_that_wipes_out_the_note_of_its_beginning_gains_nothing(forged):
    """The file is open to its uid. That its input was handed out, the broker knows."""
    status = read(a_job(), a_pod(ended(1, forged), "Failed"), now=SOON)
    assert status.started_at is None
    assert diagnose(status, NEVER_HEARD_OF).failure_class == "platform"
    assert diagnose(status, HEARD).code == "agent_exit"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-01T12:00:00Z", T0),
        ("2026-03-01T12:00:00.123456789Z", T0 + timedelta(microseconds=123456)),
        ("2026-03-01T14:00:00+02:00", T0),
        (None, None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_instants_are_read_as_clusters_write_them(written, meant):
    assert moment(written) == meant
