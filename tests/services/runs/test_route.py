"""The route of a run, step by step, as the serving roles take it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.services import billing, runs, runtime
from agent_platform.services.catalog.errors import AgentNotFound
from tests.factories import caller_of, make_tenant
from tests.services.runs.conftest import item, result

CREDIT = 5_000_000


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


@pytest.mark.parametrize("bench", ["per_run"], indirect=True)
def test_a_price_per_run_is_given_back_when_the_agent_fails(bench):
    run = bench.running()
    assert bench.now(run).charged_micro_usd == 20_000
    error = {"seq": 1, "type": "error", "class": "input", "message": "The file is empty.", "retryable": False}
    bench.speak(run, error)
    bench.end(run, phase="failed", reason="error", exit_code=1)
    done = bench.now(run)
    assert (done.state, done.failure_class, done.failure_message, done.charged_micro_usd) == (
        "failed",
        "input",
        "The file is empty.",
        0,
    )
    assert bench.money() == (CREDIT, 0)


@pytest.mark.parametrize("bench", ["per_run"], indirect=True)
def test_a_price_per_run_is_paid_once_over_attempts(bench):
    run = bench.running()
    bench.end(run, phase="lost", reason="lost", exit_code=None)
    bench.launch(run)
    bench.hand_input(run, attempt=2)
    bench.speak(run, result(1), attempt=2)
    bench.end(run, attempt=2)
    assert bench.now(run).charged_micro_usd == 20_000
    assert bench.money() == (CREDIT - 20_000, 0)


@pytest.mark.parametrize("bench", ["free"], indirect=True)
def test_a_free_run_pays_sandbox_time_and_nothing_else(bench):
    run = bench.running()
    bench.speak(run, result(1))
    bench.end(run)
    done = bench.now(run)
    assert done.charged_micro_usd == done.compute_micro_usd > 0


def test_fifty_starts_on_one_balance_hold_exactly_what_is_there(bench):
    def is_accepted(number):
        try:
            bench.start(key=str(number), cap_micro_usd=500_000)
        except billing.BalanceTooLow:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(is_accepted, range(50)))
    assert (answers.count(True), answers.count(False)) == (10, 40)
    assert bench.money() == (0, CREDIT)


def test_beyond_the_plans_slots_runs_wait_and_follow_on(bench):
    first, second, third = (bench.start(key=str(n)) for n in range(3))
    assert (bench.launch(first), bench.launch(second), bench.launch(third)) == (True, True, False)
    bench.hand_input(first)
    bench.speak(first, result(1))
    bench.end(first)
    assert bench.launch(third)


def test_a_driver_that_is_away_puts_the_run_back(bench):
    run = bench.start()
    bench.driver.fail = runtime.Transient("The sandbox host is away.")
    bench.launch(run)
    waiting = bench.now(run)
    assert (waiting.state, waiting.platform_retries_left) == ("queued", 2)


def test_a_spec_that_never_will_work_ends_the_run_at_no_cost(bench):
    run = bench.start()
    bench.driver.fail = runtime.Rejected("The memory is more than this machine has.")
    bench.launch(run)
    done = bench.now(run)
    assert (done.state, done.failure_code, done.charged_micro_usd) == ("failed", "launch_failed", 0)
    assert bench.money() == (CREDIT, 0)


def test_input_that_does_not_fit_is_named_and_nothing_is_charged(bench):
    with pytest.raises(runs.RunInputInvalid, match="Number must be at most 100") as refused:
        bench.start(input={"n": 101})
    assert [problem.path for problem in refused.value.errors] == ["n"]
    assert bench.money() == (CREDIT, 0)


def test_a_cap_below_one_row_is_refused(bench):
    with pytest.raises(billing.CapBelowSmallest):
        bench.start(cap_micro_usd=9_999)


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


@pytest.mark.sec
def test_a_creator_learns_figures_and_no_input(bench):
    run = bench.running()
    bench.speak(run, item(1, 3), result(2))
    bench.end(run)
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        payload = session.execute(text("SELECT payload FROM app.outbox WHERE kind = 'run.settled'")).scalar_one()
    assert "input" not in payload
    for _ in range(2):
        with acting_as("worker"):
            runs.spread_settlements([payload])
    with tenant_session(bench.publisher) as session:
        row = session.execute(text("SELECT runs, earned_micro_usd FROM app.creator_daily")).one()
        assert row.runs == 1
        assert row.earned_micro_usd <= 5_100
        assert session.execute(text("SELECT count(*) FROM app.runs")).scalar_one() == 0


def test_usage_and_roll_ups_equal_the_ledger(bench):
    run = bench.running()
    bench.speak(run, item(1, 3), result(2))
    bench.end(run)
    with tenant_session(bench.consumer) as session:
        sums = [
            session.execute(text(f"SELECT sum(cost_micro_usd) FROM app.{table}")).scalar_one()
            for table in ("usage_events", "usage_hourly", "usage_daily")
        ]
    assert sums == [6_000, 6_000, 6_000]


def test_a_finished_run_has_a_receipt_that_verifies(bench):
    from agent_platform.core.keys import installation_key

    run = bench.running()
    bench.speak(run, item(1, 1), result(2))
    bench.end(run)
    with tenant_session(bench.consumer) as session:
        receipt = runs.find_receipt(session, run_id=run.id)
    assert runs.is_genuine(receipt, installation_key().public_key())
    receipt.body = receipt.body.replace('"charged_micro_usd":2000', '"charged_micro_usd":1000')
    assert not runs.is_genuine(receipt, installation_key().public_key())


def test_the_stream_of_a_run_is_numbered_without_gaps_in_its_states(bench):
    run = bench.running()
    bench.speak(run, result(1))
    bench.end(run)
    with tenant_session(bench.consumer) as session:
        kinds = [event.kind for event in runs.list_events(session, run_id=run.id)]
    assert kinds == ["run.queued", "run.starting", "run.running", "run.attempt_ended", "run.succeeded"]


def test_the_log_of_a_run_stops_at_10_mib_with_one_line_that_says_so(bench):
    run = bench.running()
    lines = [{"type": "log", "text": "x" * 8_000} for _ in range(100)]
    for batch in range(15):
        bench.speak(run, *({"seq": 1 + 100 * batch + n, **line} for n, line in enumerate(lines)))
    assert bench.now(run).log_bytes == 10 * 1_048_576
    with tenant_session(bench.consumer) as session:
        stored = session.execute(text("SELECT sum(bytes), sum(length(lines::text)) FROM app.run_log_chunks")).one()
        tail = runs.log_tail(session, run_id=run.id)
    assert stored[0] == 10 * 1_048_576
    assert stored[1] <= 10 * 1_048_576
    assert [line.text for line in tail].count("The log of this run reached 10 MiB. Later lines are not kept.") == 1


def test_a_run_stores_so_many_rows_and_no_more(bench):
    run = bench.running(cap_micro_usd=4_000_000)
    with acting_as("broker"), tenant_session(bench.consumer) as session:
        session.execute(text("UPDATE app.runs SET item_count = 99_998"))
    assert bench.speak(run, item(1, 2))["outcomes"]["1"]["accepted"] == 2
    with pytest.raises(runs.EventRefused, match="at most 100,000 rows"):
        bench.speak(run, item(2, 1))
    assert bench.now(run).charged_micro_usd == 4_000


def test_a_run_stores_so_many_bytes_of_rows_and_no_more(bench):
    run = bench.running(cap_micro_usd=4_000_000)
    large = {"seq": 1, "type": "items", "items": [{"i": 1, "text": "z" * 200_000}] * 40, "event": "page"}
    with acting_as("broker"), tenant_session(bench.consumer) as session:
        session.execute(text("""UPDATE app.run_attempts SET outcomes = '{"row_bytes": 267000000}'"""))
    with pytest.raises(runs.EventRefused, match="256 MiB"):
        bench.speak(run, large)
    assert bench.now(run).item_count == 0


def failed(bench, run, code, *, met=()):
    """How the run reads after its agent said an error with this code and the host saw these limits met."""
    error = {"seq": 1, "type": "error", "class": "agent", "code": code, "message": "words of the agent"}
    bench.speak(run, error)
    status = runtime.Status(
        handle=runtime.handle_of(run.id, 1),
        run_id=str(run.id),
        attempt=1,
        phase=runtime.Phase.FAILED,
        reason=runtime.Reason.ERROR,
        exit_code=1,
        started_at=run.queued_at,
        limits_met=met,
    )
    with acting_as("worker"):
        runs.settle(tenant_id=bench.consumer, run_id=run.id, status=status)
    done = bench.now(run)
    return done.failure_code, done.failure_message


@pytest.mark.parametrize(
    ("code", "met", "told"),
    [
        ("disk_full", (), ("disk_full", "The agent filled its disk of 256 MiB. (words of the agent)")),
        ("out_of_memory", (), ("out_of_memory", "The agent needed more than its memory of 512 MiB. (words of the agent)")),
        ("too_many_processes", ("pids",), ("too_many_processes", "The agent reached its limit of 128 processes and threads. (words of the agent)")),
        ("too_many_processes", (), ("agent_error", "words of the agent")),
        ("worker_lost", (), ("agent_error", "words of the agent")),
    ],
)  # fmt: skip
def test_a_limit_that_an_agent_met_is_named(bench, code, met, told):
    assert failed(bench, bench.running(), code, met=met) == told
