"""What was lost on the way is found: wake-ups, leases, stops."""

from sqlalchemy import text

from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runs, runtime


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


def test_sandboxes_of_finished_runs_are_swept(bench):
    handle = runtime.handle_of("00000000-0000-0000-0000-000000000001", 1)
    bench.driver.statuses[handle] = runtime.Status(
        handle=handle, run_id="00000000-0000-0000-0000-000000000001", attempt=1, phase=runtime.Phase.FAILED
    )
    assert reconcile(bench)["orphans"] == 1
    assert bench.driver.destroyed == [handle]


def test_two_reconcilers_have_one_effect(bench):
    run = bench.running()
    age("UPDATE app.dispatch SET lease_until = now() - interval '1 second'")
    reconcile(bench)
    reconcile(bench)
    assert bench.now(run).attempt == 2
