from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import select

from agent_platform.core import queue
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Conflict
from agent_platform.core.ids import digest
from agent_platform.models.agents import (
    BUILD_TRANSITIONS,
    VERSION_TRANSITIONS,
    AgentVersion,
    Build,
    BuildState,
    VersionState,
)
from agent_platform.services import agents, outages
from agent_platform.services.runtime import Phase, Reason
from tests.factories import make_tenant, make_user
from tests.services.agents.samples import bundle
from tests.services.agents.twins import AWAY, NEVER, Said, StillDriver

STARTED = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Bench:
    """A workspace with one uploaded version and a driver whose sandboxes end as the test says."""

    def __init__(self) -> None:
        self.by = make_user()
        self.tenant = make_tenant(owner=self.by)
        self.driver = StillDriver()
        self.upload(bundle())

    def upload(self, content: bytes) -> None:
        with tenant_session(self.tenant) as session:
            self.version = agents.upload(session, content=content, by=self.by)
            self.build_id: UUID = agents.list_builds(session, version_id=self.version.id)[0].id

    def start(self) -> bool:
        with acting_as("worker"):
            return agents.start_build(tenant_id=self.tenant, build_id=self.build_id, driver=self.driver)

    def say(self, *events: Said) -> dict:
        with acting_as("broker"), tenant_session(self.tenant) as session:
            return agents.record_build_events(session, build_id=self.build_id, events=events)

    def end(self, reason: Reason, **how) -> str:
        with acting_as("worker"):
            status = self.driver.end(reason, **how)
            return agents.finish_build(tenant_id=self.tenant, build_id=self.build_id, status=status)

    def check(self) -> bool:
        with acting_as("worker"):
            return agents.check_build(tenant_id=self.tenant, build_id=self.build_id, driver=self.driver)

    @property
    def build(self):
        with tenant_session(self.tenant) as session:
            return agents.get_build(session, build_id=self.build_id)

    @property
    def agent(self):
        with tenant_session(self.tenant) as session:
            return agents.get_agent(session, slug="site-auditor")

    def one(self, query: str):
        with acting_as("worker"), tenant_session(self.tenant) as session:
            return session.execute(text(query)).scalar_one()


@pytest.fixture
def bench(settings) -> Bench:
    return Bench()


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
    assert bench.end(Reason.ERROR, exit_code=75, started=STARTED) == "queued", "it never spoke, so it never had its input"
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


def test_a_cancelled_build_is_over_and_can_be_built_again(bench):
    bench.start()
    with tenant_session(bench.tenant) as session:
        agents.cancel_build(session, build_id=bench.build_id, by=bench.by)
    assert bench.build.state == "cancelled"
    with (
        tenant_session(bench.tenant) as session,
        pytest.raises(agents.StateMoved, match=r"is cancelled and cannot become cancelled"),
    ):
        agents.cancel_build(session, build_id=bench.build_id, by=bench.by)
    with tenant_session(bench.tenant) as session:
        again = agents.rebuild(session, version_id=bench.version.id, by=bench.by)
    assert (again.number, again.state) == (2, "queued")


def test_a_second_ready_version_waits_to_be_made_stable(bench):
    bench.start()
    bench.say(Said(1, "result", value={}))
    bench.end(Reason.OK, phase=Phase.SUCCEEDED)
    bench.upload(bundle(version="1.1.0", name="Site Auditor Two"))
    with tenant_session(bench.tenant) as session, pytest.raises(Conflict, match=r"Version 1\.1\.0 is building"):
        agents.set_channel(session, agent_id=bench.agent.id, version_id=bench.version.id, by=bench.by)
    bench.start()
    bench.say(Said(1, "result", value={}))
    bench.end(Reason.OK, phase=Phase.SUCCEEDED)
    assert (bench.agent.stable, bench.agent.latest, bench.agent.name) == ("1.0.0", "1.1.0", "Site Auditor")
    with tenant_session(bench.tenant) as session:
        agents.set_channel(session, agent_id=bench.agent.id, version_id=bench.version.id, by=bench.by)
        agents.show_within(session, agent_id=bench.agent.id, visibility="tenant", by=bench.by)
    assert (bench.agent.stable, bench.agent.visibility, bench.agent.name) == ("1.1.0", "tenant", "Site Auditor Two")


def test_a_yanked_version_runs_no_more_and_the_stable_one_cannot_be_yanked(bench):
    bench.start()
    bench.say(Said(1, "result", value={}))
    bench.end(Reason.OK, phase=Phase.SUCCEEDED)
    with tenant_session(bench.tenant) as session:
        assert agents.find_runnable(session, slug=bench.agent.slug)[1].number == "1.0.0"
        with pytest.raises(
            Conflict, match=r"1\.0\.0 is the stable version of Site Auditor\. Make another one stable first\."
        ):
            agents.yank(session, version_id=bench.version.id, reason="leaks", by=bench.by)
    first = bench.version
    bench.upload(bundle(version="1.1.0"))
    bench.start()
    bench.say(Said(1, "result", value={}))
    bench.end(Reason.OK, phase=Phase.SUCCEEDED)
    with tenant_session(bench.tenant) as session:
        agents.set_channel(session, agent_id=bench.agent.id, version_id=bench.version.id, by=bench.by)
        agents.yank(session, version_id=first.id, reason="leaks", by=bench.by)
        assert agents.find_runnable(session, slug=bench.agent.slug, number="1.0.0")[1] is None


@pytest.mark.parametrize(
    ("model", "states", "table"),
    [(AgentVersion, VersionState, VERSION_TRANSITIONS), (Build, BuildState, BUILD_TRANSITIONS)],
)
def test_a_state_machine_takes_the_steps_of_its_table_and_no_other(bench, model, states, table):
    walked = {(old, new): walk(bench.tenant, model, old, new) for old in states for new in states}
    assert walked == {(old, new): new in table[old] for old in states for new in states}


def walk(tenant, model, old, new) -> bool:
    with tenant_session(tenant) as session:
        session.execute(text(f"UPDATE app.{model.__tablename__} SET state = :state"), {"state": old.value})
        row = session.exec(select(model)).one()
        session.refresh(row)
        try:
            agents.move(session, row, new)
        except agents.StateMoved:
            return False
        session.expire_all()
        return session.exec(select(model)).one().state == new


def test_the_slower_of_two_moves_is_told(bench):
    with tenant_session(bench.tenant) as session:
        build = session.get(Build, (bench.tenant, bench.build_id))
        session.execute(text("UPDATE app.builds SET state = 'cancelled'"))
        with pytest.raises(
            agents.StateMoved, match=r"This build is no longer queued: somebody was faster\. Reload the page\."
        ):
            agents.move(session, build, "building")


def building(bench):
    return bench.one("SELECT count(*) FROM app.builds WHERE state = 'building'")


def test_a_workspace_builds_as_many_at_once_as_its_plan_allows_and_the_next_follows_at_an_end(bench):
    builds = [bench.build_id]
    for number in range(1, 5):
        bench.upload(bundle(version=f"1.{number}.0"))
        builds.append(bench.build_id)
    started = []
    for bench.build_id in builds:
        started.append(bench.start())
        assert bench.check() is False
    assert started == [True, True, False, False, False]  # the free plan runs two at once
    assert (building(bench), len(bench.driver.started)) == (2, 2)
    bench.build_id = builds[1]
    queue.redis().flushall()
    bench.say(Said(1, "result", value={}))
    assert bench.end(Reason.OK, phase=Phase.SUCCEEDED) == "ready"
    woken = [job.kwargs["build_id"] for job in queue.queue("builds").jobs]
    assert woken == [str(builds[2])]
    bench.build_id = builds[2]
    assert bench.start()
    assert building(bench) == 2


def test_builds_of_another_workspace_take_no_place_here(bench):
    for _ in range(2):
        other = Bench()
        assert other.start()
    assert bench.start()


def test_a_place_is_free_again_when_a_build_is_cancelled(bench):
    builds = [bench.build_id]
    for number in (1, 2):
        bench.upload(bundle(version=f"1.{number}.0"))
        builds.append(bench.build_id)
    assert [start_of(bench, build) for build in builds] == [True, True, False]
    with tenant_session(bench.tenant) as session:
        agents.cancel_build(session, build_id=builds[0], by=bench.by)
    assert start_of(bench, builds[2])


def start_of(bench, build_id):
    bench.build_id = build_id
    return bench.start()
