"""Who pays for an attempt whose sandbox blames the platform: our own records decide, not its word."""

import psycopg
import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.services import outages
from tests.services.runs.conftest import CREDIT, item, result

GIVES_UP = {"phase": "failed", "reason": "error", "exit_code": 75}
NEVER_RAN = {"phase": "failed", "reason": "start_timeout", "exit_code": 137}


def answers() -> None:
    with acting_as("worker"):
        outages.note_answer(outages.BROKER, was_asked=True)


def pass_by(database, seconds: int) -> None:
    """So long ago was all that had happened."""
    with psycopg.connect(database.superuser) as connection:
        for change in (
            "platform.components SET answered_at = answered_at - {}",
            "platform.outages SET began_at = began_at - {}, ended_at = ended_at - {}",
            "app.run_attempts SET ready_at = ready_at - {}",
        ):
            connection.execute("UPDATE " + change.replace("{}", f"interval '{seconds} s'"))


def out_for(database, seconds: int) -> None:
    answers()
    pass_by(database, seconds)
    answers()


@pytest.mark.sec
@pytest.mark.parametrize("bench", ["free"], indirect=True)
@pytest.mark.parametrize("how", [GIVES_UP, NEVER_RAN], ids=["exit code 75", "start timeout"])
def test_an_agent_that_blames_the_platform_pays_for_what_it_used(bench, database, how):
    run = bench.running()
    pass_by(database, 100)
    answers()
    bench.end(run, **how)
    done = bench.now(run)
    assert (done.state, done.failure_class, done.failure_code) == ("failed", "agent", "agent_exit")
    assert done.compute_ms >= 100_000
    assert done.charged_micro_usd == done.compute_micro_usd > 0
    assert bench.money() == (CREDIT - done.charged_micro_usd, 0)


@pytest.mark.sec
def test_an_agent_that_blames_the_platform_is_not_tried_again_at_its_cost(bench, database):
    """This publisher keeps what it was paid when its agent fails; a fault of the platform would have given it back."""
    answers()
    run = bench.running(retries=1)
    bench.speak(run, item(1, 2, key=["a", "b"]))
    bench.end(run, **GIVES_UP)
    again = bench.now(run)
    assert (again.state, again.retries_left, again.platform_retries_left) == ("queued", 0, 2)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE app.dispatch SET ready_at = now()")
    assert bench.launch(run)
    bench.hand_input(run, attempt=2)
    bench.end(run, **GIVES_UP, attempt=2)
    done = bench.now(run)
    assert (done.state, done.charged_micro_usd) == ("failed", 4_000)
    assert "by the platform's own records the broker answered all the time" in done.failure_message
    assert bench.money() == (CREDIT - 4_000, 0)


@pytest.mark.parametrize("bench", ["free"], indirect=True)
@pytest.mark.parametrize("how", [GIVES_UP, NEVER_RAN], ids=["exit code 75", "start timeout"])
def test_an_attempt_that_really_met_silence_is_tried_again_and_costs_nothing(bench, database, how):
    answers()
    run = bench.running()
    out_for(database, 27)
    bench.end(run, **how)
    waiting = bench.now(run)
    assert (waiting.state, waiting.attempt, waiting.compute_micro_usd) == ("queued", 2, 0)
    assert (waiting.retries_left, waiting.platform_retries_left) == (0, 1)
    bench.launch(run)
    bench.hand_input(run, attempt=2)
    bench.speak(run, result(1), attempt=2)
    bench.end(run, attempt=2)
    assert bench.now(run).state == "succeeded"


def test_while_the_broker_is_still_silent_its_outage_counts_too(bench, database):
    run = bench.running()
    answers()
    pass_by(database, 26)
    bench.end(run, **GIVES_UP)
    assert (bench.now(run).state, bench.now(run).platform_retries_left) == ("queued", 1)


def test_while_nobody_watches_the_consumer_is_believed(bench):
    run = bench.running()
    bench.end(run, **GIVES_UP)
    assert (bench.now(run).state, bench.now(run).platform_retries_left) == ("queued", 1)


def test_an_attempt_that_never_had_its_input_is_the_platform_s_fault(bench):
    answers()
    run = bench.start()
    bench.launch(run)
    bench.end(run, **GIVES_UP)
    assert (bench.now(run).state, bench.now(run).platform_retries_left) == ("queued", 1)


def test_after_three_outages_the_run_fails_and_costs_nothing(bench, database):
    answers()
    run = bench.running()
    bench.speak(run, item(1, 2, key=["a", "b"]))
    for attempt in (1, 2, 3):
        out_for(database, 27)
        bench.end(run, **GIVES_UP, attempt=attempt)
        if bench.launch(run):
            bench.hand_input(run, attempt=attempt + 1)
    done = bench.now(run)
    assert (done.state, done.failure_class, done.charged_micro_usd) == ("failed", "platform", 0)
    assert bench.money() == (CREDIT, 0)


@pytest.mark.sec
def test_the_exit_of_a_stale_attempt_changes_nothing(bench):
    """Its token was refused because another attempt had taken over, so it ended with 75."""
    run = bench.running()
    bench.end(run, phase="lost", reason="lost", exit_code=None)
    before = bench.now(run)
    assert not bench.end(run, **GIVES_UP)
    after = bench.now(run)
    assert (after.state, after.attempt, after.platform_retries_left) == ("queued", 2, before.platform_retries_left)
