"""How a version is built in a sandbox."""

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import digest
from agent_platform.services import agents
from agent_platform.services.runtime import Phase, Reason
from tests.services.agents.building import STARTED
from tests.services.agents.samples import bundle
from tests.services.agents.twins import Said


def test_a_build_that_gives_a_result_makes_the_version_ready_and_stable(bench):
    assert bench.start()
    bench.say(Said(1, "log", text="Compiled 1 module(s)"), Said(2, "result", value={"python": "3.11.7", "files": 2}))
    assert bench.end(Reason.OK, exit_code=0, phase=Phase.SUCCEEDED) == "ready"
    assert bench.build.log == "10:00:01 INFO  Compiled 1 module(s)\n"
    assert bench.build.outcome == {"python": "3.11.7", "files": 2}
    assert (bench.agent.stable, bench.agent.latest_state) == ("1.0.0", "ready")


def test_the_sandbox_gets_the_limits_of_the_manifest_and_a_token_that_is_stored_hashed(bench):
    bench.start()
    (spec,) = bench.driver.started
    assert spec.run_id == f"build-{bench.build_id.hex}"
    assert (spec.bundle_digest, spec.limits.memory_mb, spec.limits.wall_seconds) == (bench.version.digest, 512, 900)
    assert bench.one("SELECT token_hash FROM app.builds") == digest(spec.token)
    assert bench.one("SELECT key FROM app.lookups WHERE kind = 'build_token'") == digest(spec.token)
    assert bench.one("SELECT target_id FROM app.lookups WHERE kind = 'build_token'") == bench.build_id


def test_the_broker_hands_out_entry_and_bundle_while_the_build_is_on(bench):
    with acting_as("broker"), tenant_session(bench.tenant) as session, pytest.raises(agents.BuildOver):
        agents.build_input(session, build_id=bench.build_id)
    bench.start()
    with acting_as("broker"), tenant_session(bench.tenant) as session:
        given = agents.build_input(session, build_id=bench.build_id)
        folder, digest_of_bundle = agents.build_bundle(session, build_id=bench.build_id)
    assert (given["kind"], given["entry"], given["bundle_digest"]) == ("build", "main:audit", bench.version.digest)
    assert (folder, digest_of_bundle) == (f"tenants/{bench.tenant.hex}", bench.version.digest)


def test_a_second_worker_finds_nothing_to_start(bench):
    assert bench.start()
    assert not bench.start()
    assert len(bench.driver.started) == 1


def test_events_repeated_by_a_sandbox_are_kept_once(bench):
    bench.start()
    batch = (Said(1, "log", text="one"), Said(2, "log", text="two"))
    assert bench.say(*batch)["ack"] == 2
    assert bench.say(*batch, Said(3, "log", text="three"))["ack"] == 3
    assert [line.split()[-1] for line in bench.build.log.splitlines()] == ["one", "two", "three"]


def test_a_failed_build_shows_its_error_and_the_number_takes_new_content(bench):
    bench.start()
    bench.say(Said(1, "error", error={"message": "main.py:3: invalid syntax", "traceback": None}))
    assert bench.end(Reason.ERROR, exit_code=1) == "failed"
    assert bench.build.error == "main.py:3: invalid syntax"
    assert bench.agent.latest_state == "build_failed"
    assert bench.agent.stable is None
    before = bench.version
    bench.upload(bundle({"fixed.py": "x = 1\n"}))
    assert bench.version.id == before.id
    assert bench.version.digest != before.digest
    assert (bench.build.number, bench.build.state) == (2, "queued")


def test_the_token_dies_with_the_build(bench):
    bench.start()
    bench.say(Said(1, "result", value={}))
    bench.end(Reason.OK, phase=Phase.SUCCEEDED)
    assert bench.one("SELECT count(*) FROM app.lookups WHERE kind = 'build_token'") == 0
    with pytest.raises(agents.BuildOver):
        bench.say(Said(2, "log", text="still here"))


@pytest.mark.parametrize(
    ("reason", "state", "sentence"),
    [
        (
            Reason.TIMEOUT,
            "timed_out",
            "The build did not finish within 15 minutes. Import less at the top of your modules.",
        ),
        (Reason.OOM, "failed", "The agent used more memory than it declared and was stopped."),
        (Reason.ERROR, "failed", "The agent's process ended with exit code 3 without giving a result."),
    ],
)
def test_an_end_without_a_result_is_explained(bench, reason, state, sentence):
    bench.start()
    assert bench.end(reason, exit_code=3, started=STARTED) == state
    assert bench.build.error == sentence


def test_what_a_sandbox_wrote_before_it_died_joins_the_log(bench):
    bench.start()
    bench.say(Said(1, "log", text="Compiled 1 module(s)"))
    bench.driver.end(Reason.ERROR, exit_code=139, started=STARTED)
    assert bench.check()
    assert bench.build.log == "10:00:01 INFO  Compiled 1 module(s)\nSegmentation fault\n"
    assert bench.build.error == "The agent's process ended by signal 11 without giving a result."


def test_a_clean_exit_without_a_result_is_a_failure(bench):
    bench.start()
    assert bench.end(Reason.OK, exit_code=0, phase=Phase.SUCCEEDED, started=STARTED) == "failed"
