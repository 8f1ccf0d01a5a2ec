"""Where a run meets a limit: slots, drivers, rows, log and its own."""

import pytest
from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runs, runtime
from tests.services.runs.conftest import CREDIT, item, result


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
