"""Versions: the steps they take, and how many are built at once."""

import pytest
from sqlalchemy import text
from sqlmodel import select

from agent_platform.core import queue
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Conflict
from agent_platform.models.agents import (
    BUILD_TRANSITIONS,
    VERSION_TRANSITIONS,
    AgentVersion,
    Build,
    BuildState,
    VersionState,
)
from agent_platform.services import agents
from agent_platform.services.runtime import Phase, Reason
from tests.services.agents.building import Bench
from tests.services.agents.samples import bundle
from tests.services.agents.twins import Said


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
