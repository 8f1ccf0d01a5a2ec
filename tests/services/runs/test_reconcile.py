"""What was lost on the way is found: wake-ups, leases, stops, places."""

import threading
import time

import pytest
from sqlalchemy import text

from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runs, runtime
from agent_platform.services.runs import _execute


def reconcile(bench):
    with acting_as("worker"):
        return runs.reconcile(bench.driver)


def age(sql):
    with acting_as("worker"), dispatch_session() as session:
        session.execute(text(sql))


def test_a_run_whose_wake_up_was_lost_is_launched(bench):
    run = bench.start()
    age("UPDATE app.dispatch SET ready_at = now() - interval '5 seconds'")
    assert reconcile(bench)["launched"] == 1
    assert bench.now(run).state == "starting"


def test_everything_that_was_overlooked_is_launched_in_one_round_when_there_is_room(bench):
    set_slots(bench, cap=100)
    for number in range(25):
        bench.start(key=f"k{number}")
    age("UPDATE app.dispatch SET ready_at = now() - interval '5 seconds'")
    assert reconcile(bench)["launched"] == 25
    assert len(bench.driver.started) == 25


@pytest.mark.parametrize("room", [0, 2])
def test_no_more_than_fit_are_taken_from_the_queue_and_one_when_the_machine_seems_full(bench, room):
    set_slots(bench, cap=100)
    for number in range(4):
        bench.start(key=f"k{number}")
    bench.driver.room = room
    age("UPDATE app.dispatch SET ready_at = now() - interval '5 seconds'")
    assert reconcile(bench)["launched"] == max(1, room)


def test_a_run_that_cannot_be_claimed_holds_up_no_other_of_its_workspace(bench, monkeypatch):
    set_slots(bench, cap=100)
    ids = [bench.start(key=f"k{number}").id for number in range(3)]
    age("UPDATE app.dispatch SET ready_at = now() - interval '5 seconds'")
    whole = _execute._claimed

    def poisoned(session, due, leased, *rest):
        if leased.run_id == ids[0]:
            raise RuntimeError("a row that cannot be read")
        return whole(session, due, leased, *rest)

    monkeypatch.setattr(_execute, "_claimed", poisoned)
    assert reconcile(bench)["launched"] == 2
    assert [bench.now_by_id(one).state for one in ids] == ["queued", "starting", "starting"]


def test_a_lease_that_ran_out_without_a_sandbox_is_a_lost_attempt(bench):
    run = bench.running()
    age("UPDATE app.dispatch SET lease_until = now() - interval '1 second'")
    reconcile(bench)
    assert (bench.now(run).state, bench.now(run).attempt) == ("queued", 2)


def test_a_lease_that_ran_out_with_a_living_sandbox_is_renewed(bench):
    run = bench.running()
    handle = runtime.handle_of(run.id, 1)
    bench.driver.statuses[handle] = runtime.Status(
        handle=handle, run_id=str(run.id), attempt=1, phase=runtime.Phase.RUNNING
    )
    age("UPDATE app.dispatch SET lease_until = now() - interval '1 second'")
    reconcile(bench)
    assert bench.now(run).state == "running"
    with acting_as("worker"), dispatch_session() as session:
        assert session.execute(text("SELECT lease_until > now() FROM app.dispatch")).scalar_one()


def test_a_stop_whose_job_was_lost_is_pressed(bench):
    run = bench.running()
    with tenant_session(bench.consumer) as session:
        runs.cancel(session, run_id=run.id, caller=bench.caller)
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        session.execute(text("UPDATE app.runs SET stop_deadline_at = now() - interval '1 second'"))
    assert reconcile(bench)["stopped"] == 1
    assert bench.driver.cancelled


def test_a_run_that_waited_a_day_fails_and_costs_nothing(bench):
    run = bench.start()
    age("UPDATE app.dispatch SET created_at = now() - interval '25 hours', ready_at = now() + interval '1 hour'")
    reconcile(bench)
    done = bench.now(run)
    assert (done.state, done.failure_code, done.charged_micro_usd) == ("failed", "queue_expired", 0)


@pytest.mark.parametrize("phase", ["failed", "running"])
def test_sandboxes_of_finished_runs_are_swept(bench, phase):
    handle = runtime.handle_of("00000000-0000-0000-0000-000000000001", 1)
    bench.driver.statuses[handle] = runtime.Status(
        handle=handle, run_id="00000000-0000-0000-0000-000000000001", attempt=1, phase=runtime.Phase(phase)
    )
    assert reconcile(bench)["orphans"] == 1
    assert bench.driver.destroyed == [handle]


def test_two_reconcilers_have_one_effect(bench):
    run = bench.running()
    age("UPDATE app.dispatch SET lease_until = now() - interval '1 second'")
    reconcile(bench)
    reconcile(bench)
    assert bench.now(run).attempt == 2


def slots(bench):
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        return tuple(session.execute(text("SELECT taken, cap FROM app.tenant_slots")).one())


def set_slots(bench, **values):
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        session.execute(text("UPDATE app.tenant_slots SET " + ", ".join(f"{name} = {n}" for name, n in values.items())))


def test_a_run_parked_in_the_moment_in_which_the_last_place_is_given_back_is_launched(bench, settings):
    """The two transactions do not see each other: the one finds no place, the other nobody who waits for one."""
    set_slots(bench, cap=1)
    running = bench.running()
    with tenant_session(bench.consumer) as session:
        request = runs.RunRequest("maker", "counter", {"n": 3}, "late", cap_micro_usd=100_000)
        late = runs.start(session, request, caller=bench.caller)
        ends = threading.Thread(target=bench.end, args=(running,))
        ends.start()
        time.sleep(0.5)  # the end has looked for somebody who waits, and waits for the accounts itself
    ends.join()
    reconcile(bench)
    age("UPDATE app.dispatch SET ready_at = now() - interval '5 seconds'")
    reconcile(bench)
    assert bench.now(late).state == "starting"
    assert slots(bench)[0] == 1


@pytest.mark.parametrize("wrong", [0, 99])
def test_places_that_were_counted_wrong_are_counted_again(bench, wrong):
    kept = [bench.start(key=str(number)) for number in range(slots(bench)[1] + 1)]
    set_slots(bench, taken=wrong)
    assert reconcile(bench)["placed"] == 0
    assert slots(bench) == (len(kept) - 1, len(kept) - 1)


def test_a_higher_plan_lets_parked_runs_go(bench):
    for number in range(slots(bench)[1] + 2):
        bench.start(key=str(number))
    set_slots(bench, cap=10)
    assert reconcile(bench)["placed"] == 2
    assert slots(bench) == (4, 10)


def lose(bench, run, times):
    """The run's attempts are lost with their host, one after the other."""
    for attempt in range(1, times + 1):
        bench.launch(run)
        age("UPDATE app.dispatch SET lease_until = now() - interval '1 second' WHERE state = 'leased'")
        reconcile(bench)
        assert bench.now(run).attempt == attempt + 1


def let_one_go(bench):
    with acting_as("worker"):
        return runs.let_one_go(bench.driver)


def test_runs_on_their_last_chance_start_one_at_a_time_and_get_a_chance_back_when_they_do_no_harm(bench):
    first = bench.start(key="1")
    lose(bench, first, 2)
    second = bench.start(key="2")  # not before: a run that waits for two seconds is launched by the reconciler
    lose(bench, second, 2)
    assert (let_one_go(bench), let_one_go(bench)) == (1, 0)
    assert (bench.now(first).state, bench.now(second).state) == ("starting", "queued")
    bench.hand_input(first, attempt=3)
    assert let_one_go(bench) == 0
    handle = runtime.handle_of(first.id, 3)
    bench.driver.statuses[handle] = runtime.Status(
        handle=handle, run_id=str(first.id), attempt=3, phase=runtime.Phase.RUNNING
    )
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        session.execute(
            text("UPDATE app.run_attempts SET ready_at = now() - interval '3 seconds' WHERE ready_at IS NOT NULL")
        )
    assert let_one_go(bench) == 1
    assert bench.now(second).state == "starting"
    assert [bench.now(run).platform_retries_left for run in (first, second)] == [1, 0]
    bench.driver.statuses.clear()
    age("UPDATE app.dispatch SET lease_until = now() - interval '1 second'")  # the second one's work
    reconcile(bench)
    assert (bench.now(first).state, bench.now(second).state) == ("queued", "failed")
    assert let_one_go(bench) == 1


def test_no_wake_up_starts_a_run_on_its_last_chance(bench):
    run = bench.start()
    lose(bench, run, 1)
    bench.launch(run)
    jobs_before = bench.wake_ups()
    age("UPDATE app.dispatch SET lease_until = now() - interval '1 second' WHERE state = 'leased'")
    reconcile(bench)
    assert bench.wake_ups() == jobs_before
