"""The route of a run, step by step, as the serving roles take it."""

import threading

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.services import runs, runtime
from agent_platform.services.catalog.errors import AgentNotFound
from tests.factories import caller_of, make_tenant
from tests.services.runs.conftest import CREDIT, item, result


def test_a_run_charges_exactly_its_rows(bench):
    run = bench.running()
    assert bench.money() == (CREDIT - 100_000, 100_000)
    answer = bench.speak(run, item(1, 3), result(2, {"done": True}))
    assert answer["outcomes"]["1"] == {"accepted": 3, "dropped": 0, "cap_reached": False}
    assert bench.end(run)
    done = bench.now(run)
    assert (done.state, done.charged_micro_usd, done.item_count, done.result) == ("succeeded", 6_000, 3, {"done": True})
    assert bench.money() == (CREDIT - 6_000, 0)


def test_a_batch_sent_twice_is_stored_and_charged_once(bench):
    run = bench.running()
    first = bench.speak(run, item(1, 3))
    again = bench.speak(run, item(1, 3))
    assert again["outcomes"] == first["outcomes"]
    assert bench.now(run).charged_micro_usd == 6_000


def test_the_same_key_is_one_run_and_one_hold(bench):
    assert bench.start().id == bench.start().id
    assert bench.money() == (CREDIT - 100_000, 100_000)


def test_the_same_key_with_other_input_is_refused(bench):
    bench.start()
    with pytest.raises(runs.IdempotencyKeyReused):
        bench.start(input={"n": 4})


def test_a_double_click_at_the_same_moment_is_one_run(bench):
    found, barrier = [], threading.Barrier(4)

    def click():
        barrier.wait()
        found.append(bench.start().id)

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert bench.money() == (CREDIT - 100_000, 100_000)


def test_at_the_cap_the_payable_prefix_is_stored_and_the_run_is_capped(bench):
    run = bench.running(cap_micro_usd=10_000)
    answer = bench.speak(run, item(1, 12))
    assert answer["outcomes"]["1"] == {"accepted": 5, "dropped": 7, "cap_reached": True}
    assert answer["stop"] == "capped"
    bench.speak(run, result(2))
    bench.end(run)
    done = bench.now(run)
    assert (done.state, done.charged_micro_usd, done.item_count, done.dropped_count) == ("capped", 10_000, 5, 7)
    assert bench.money() == (CREDIT - 10_000, 0)


def test_a_cancelled_run_pays_for_stored_rows_only(bench):
    run = bench.running()
    bench.speak(run, item(1, 2))
    with tenant_session(bench.consumer) as session:
        runs.cancel(session, run_id=run.id, caller=bench.caller)
    assert bench.speak(run, item(2, 5))["outcomes"]["2"]["accepted"] == 0
    with acting_as("worker"):
        runs.press_stop(bench.driver, tenant_id=bench.consumer, run_id=run.id)
    assert bench.driver.cancelled == [(runtime.handle_of(run.id, 1), 30.0)]
    bench.end(run, phase="failed", reason="cancelled", exit_code=143)
    done = bench.now(run)
    assert (done.state, done.charged_micro_usd) == ("cancelled", 4_000)
    assert bench.money() == (CREDIT - 4_000, 0)


def test_a_run_cancelled_in_the_queue_costs_nothing(bench):
    run = bench.start()
    with tenant_session(bench.consumer) as session:
        runs.cancel(session, run_id=run.id, caller=bench.caller)
    with acting_as("worker"):
        runs.press_stop(bench.driver, tenant_id=bench.consumer, run_id=run.id)
    assert bench.now(run).state == "cancelled"
    assert bench.money() == (CREDIT, 0)
    assert not bench.launch(run)


def test_cancelling_a_finished_run_says_so(bench):
    run = bench.running()
    bench.speak(run, result(1))
    bench.end(run)
    with pytest.raises(runs.RunAlreadyFinished), tenant_session(bench.consumer) as session:
        runs.cancel(session, run_id=run.id, caller=bench.caller)


def test_a_lost_sandbox_is_tried_again_and_keyed_rows_stay(bench):
    run = bench.running()
    bench.speak(run, item(1, 2, key=["a", "b"]), item(2, 1))
    bench.end(run, phase="lost", reason="lost", exit_code=None)
    waiting = bench.now(run)
    assert (waiting.state, waiting.attempt, waiting.item_count, waiting.charged_micro_usd) == ("queued", 2, 2, 4_000)
    assert bench.launch(run)
    bench.hand_input(run, attempt=2)
    bench.speak(run, item(1, 3, key=["a", "b", "c"]), result(2), attempt=2)
    bench.end(run, attempt=2)
    done = bench.now(run)
    assert (done.state, done.item_count, done.charged_micro_usd) == ("succeeded", 3, 6_000)
    assert bench.money() == (CREDIT - 6_000, 0)


def test_after_three_lost_sandboxes_the_run_fails_and_costs_nothing(bench):
    run = bench.running()
    bench.speak(run, item(1, 2, key=["a", "b"]))
    for attempt in (1, 2, 3):
        bench.end(run, phase="lost", reason="lost", exit_code=None, attempt=attempt)
        bench.launch(run)
    done = bench.now(run)
    assert (done.state, done.failure_code, done.charged_micro_usd) == ("failed", "worker_lost", 0)
    assert bench.money() == (CREDIT, 0)


def test_settling_twice_changes_nothing(bench):
    run = bench.running()
    bench.speak(run, item(1, 1), result(2))
    assert bench.end(run)
    assert not bench.end(run)
    assert bench.money() == (CREDIT - 2_000, 0)


def test_an_old_attempt_can_neither_speak_nor_settle(bench):
    run = bench.running()
    bench.end(run, phase="lost", reason="lost", exit_code=None)
    with pytest.raises(runs.TokenDead):
        bench.speak(run, item(1, 1))
    assert not bench.end(run)


def test_exit_zero_without_a_result_is_a_failure_of_the_agent(bench):
    run = bench.running()
    bench.end(run)
    assert bench.now(run).state == "failed"


def test_output_that_breaks_its_own_schema_fails_the_run(bench):
    run = bench.running()
    bench.speak(run, {"seq": 1, "type": "items", "items": [{"wrong": 1}]}, result(2))
    bench.end(run)
    done = bench.now(run)
    assert (done.state, done.failure_code) == ("failed", "output_invalid")
    assert "item" in done.failure_message


@pytest.mark.sec
def test_a_run_of_another_workspace_does_not_exist(bench):
    run = bench.running()
    stranger = make_tenant("stranger")
    for act in (
        lambda session: runs.get_run(session, run_id=run.id),
        lambda session: runs.cancel(session, run_id=run.id, caller=caller_of(stranger)),
        lambda session: runs.rerun(session, run_id=run.id, idempotency_key="x", caller=caller_of(stranger)),
    ):
        with pytest.raises(NotFound), tenant_session(stranger) as session:
            act(session)
    with tenant_session(stranger) as session:
        assert runs.items_page(session, run_id=run.id) == runs.log_tail(session, run_id=run.id) == []


@pytest.mark.sec
def test_an_unlisted_agent_of_nobody_cannot_be_run(bench):
    with pytest.raises(AgentNotFound), tenant_session(bench.consumer) as session:
        runs.start(session, runs.RunRequest("maker", "nothing", {}, "k"), caller=bench.caller)


def test_the_stream_of_a_run_is_numbered_without_gaps_in_its_states(bench):
    run = bench.running()
    bench.speak(run, result(1))
    bench.end(run)
    with tenant_session(bench.consumer) as session:
        kinds = [event.kind for event in runs.list_events(session, run_id=run.id)]
    assert kinds == ["run.queued", "run.starting", "run.running", "run.attempt_ended", "run.succeeded"]
