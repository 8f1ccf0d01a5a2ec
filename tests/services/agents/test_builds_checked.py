"""What the check of unfinished builds finds, mends and ends."""

import pytest
from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import agents, outages
from agent_platform.services.runtime import Phase, Reason
from tests.services.agents.building import STARTED
from tests.services.agents.twins import AWAY, NEVER, Said


def test_a_lost_builder_is_replaced_once(bench):
    bench.start()
    assert bench.end(Reason.LOST, phase=Phase.LOST) == "queued"
    bench.start()
    assert [spec.attempt for spec in bench.driver.started] == [1, 2]
    assert bench.end(Reason.LOST, phase=Phase.LOST) == "failed"
    assert bench.build.error.startswith("The machine that built it went away twice.")


@pytest.mark.sec
def test_a_build_that_blames_the_platform_is_built_again_only_if_the_broker_was_out(bench):
    with acting_as("worker"):
        outages.note_answer(outages.BROKER, was_asked=False)
    bench.start()
    assert bench.end(Reason.ERROR, exit_code=75, started=STARTED) == "queued", (
        "it never spoke, so it never had its input"
    )
    bench.start()
    bench.say(Said(1, "log", text="Compiled 1 module(s)"))
    assert bench.end(Reason.ERROR, exit_code=75, started=STARTED) == "failed"
    assert "by the platform's own records the broker answered all the time" in bench.build.error


def test_a_build_that_really_met_silence_is_built_again(bench):
    bench.start()
    bench.say(Said(1, "log", text="Compiled 1 module(s)"))
    assert bench.end(Reason.ERROR, exit_code=75, started=STARTED) == "queued", "the broker has answered nobody yet"


def test_the_end_of_an_earlier_sandbox_says_nothing_about_the_present_one(bench):
    bench.start()
    late = bench.driver.end(Reason.LOST, phase=Phase.LOST)
    with acting_as("worker"):
        agents.finish_build(tenant_id=bench.tenant, build_id=bench.build_id, status=late)
        bench.start()
        assert agents.finish_build(tenant_id=bench.tenant, build_id=bench.build_id, status=late) == "building"


def test_a_driver_that_is_away_costs_no_try(bench):
    bench.driver.refuses = AWAY
    for _ in range(3):
        bench.start()
        assert bench.build.state == "queued"
    bench.driver.refuses = None
    bench.start()
    assert bench.build.state == "building"


def test_checks_do_not_multiply_while_the_driver_is_away(bench):
    bench.driver.refuses = AWAY
    for _ in range(3):
        bench.check()
    assert (
        bench.one("SELECT count(*) FROM app.outbox WHERE kind = 'build.check'") == 1 + 3
    )  # each check asks for one more


def test_a_driver_that_never_will_fails_the_build_with_its_reason(bench):
    bench.driver.refuses = NEVER
    bench.start()
    assert (bench.build.state, bench.build.error) == ("failed", "The limit memory_mb must be between 32 and 64.")


def test_a_forgotten_build_is_started_by_the_check(bench):
    assert not bench.check()
    assert bench.build.state == "building"


def test_the_check_ends_a_build_as_soon_as_its_result_is_there(bench):
    bench.start()
    assert not bench.check()
    bench.say(Said(1, "result", value={}))
    assert bench.check()
    assert bench.build.state == "ready"
    assert bench.driver.destroyed == [f"ap-build-{bench.build_id.hex}-1"]


def test_the_check_ends_an_overdue_build(bench):
    bench.start()
    with acting_as("worker"), tenant_session(bench.tenant) as session:
        session.execute(text("UPDATE app.builds SET started_at = now() - interval '16 minutes'"))
    assert bench.check()
    assert bench.build.state == "timed_out"
    assert bench.driver.cancelled == [f"ap-build-{bench.build_id.hex}-1"]


def test_an_unfinished_build_is_checked_again_later(bench):
    bench.start()
    bench.check()
    assert bench.one("SELECT count(*) FROM app.outbox WHERE kind = 'build.check' AND ready_at > now()") == 2
