"""What a run costs its payer, and what its creator learns of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import billing, runs
from tests.services.runs.conftest import CREDIT, item, result


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


def test_input_that_does_not_fit_is_named_and_nothing_is_charged(bench):
    with pytest.raises(runs.RunInputInvalid, match="Number must be at most 100") as refused:
        bench.start(input={"n": 101})
    assert [problem.path for problem in refused.value.errors] == ["n"]
    assert bench.money() == (CREDIT, 0)


def test_a_cap_below_one_row_is_refused(bench):
    with pytest.raises(billing.CapBelowSmallest):
        bench.start(cap_micro_usd=9_999)


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


def test_what_the_platform_lost_is_no_time_of_the_agent(bench):
    run = bench.running()
    bench.end(run, phase="lost", reason="lost", exit_code=None)
    assert bench.launch(run)
    bench.hand_input(run, attempt=2)
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        session.execute(text("UPDATE app.runs SET started_at = started_at - interval '1 hour'"))
        session.execute(text("UPDATE app.run_attempts SET ready_at = ready_at - interval '3 seconds' WHERE number = 2"))
    bench.speak(run, item(1, 3), result(2), attempt=2)
    bench.end(run, attempt=2)
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        payload = session.execute(text("SELECT payload FROM app.outbox WHERE kind = 'run.settled'")).scalar_one()
    assert 3_000 <= payload["duration_ms"] < 60_000


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
