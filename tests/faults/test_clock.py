"""A worker whose clock is off by ten minutes: leases, prices, waits and expiry follow the database's clock."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import time_machine

from tests.services.runs.conftest import Bench, item, result
from tests.services.runs.test_reconcile import reconcile

pytestmark = pytest.mark.fault
OFF = [timedelta(minutes=10), timedelta(minutes=-10)]


@pytest.fixture(params=OFF, ids=["ahead", "behind"])
def wrong_clock(request):
    """From here on this process believes it is ten minutes later, or earlier."""
    with time_machine.travel(datetime.now(UTC) + request.param, tick=True):
        yield


def seconds(database, expression: str, table: str = "app.dispatch") -> float:
    """How far a moment of the only row lies from the database's now."""
    with psycopg.connect(database.superuser) as connection:
        row = connection.execute(f"SELECT extract(epoch FROM {expression} - now()) FROM {table}").fetchone()  # pyright: ignore[reportArgumentType]
        assert row is not None
        return float(row[0])


def test_a_lease_taken_by_a_wrong_clock_is_as_long_as_any(settings, database, wrong_clock):
    bench = Bench("per_event")
    bench.running()
    assert 0 < seconds(database, "lease_until") <= 12


def test_a_wrong_clock_takes_no_living_run_for_lost(settings, wrong_clock):
    bench = Bench("per_event")
    run = bench.running()
    assert reconcile(bench)["expired_leases"] == 0
    assert bench.now(run).attempt == 1


def test_a_wrong_clock_expires_no_waiting_run(settings, wrong_clock):
    bench = Bench("per_event")
    run = bench.start()
    assert reconcile(bench)["expired_queue"] == 0
    assert bench.now(run).state == "queued"


def test_times_and_cost_of_a_run_are_the_database_s(settings, database, wrong_clock):
    bench = Bench("per_run")
    run = bench.running()
    bench.speak(run, {**item(1, 1), "event": None}, result(2))
    assert bench.end(run)
    done = bench.now(run)
    assert (done.state, done.charged_micro_usd) == ("succeeded", 20_000)
    assert done.compute_ms < 60_000
    for moment in ("queued_at", "started_at", "finished_at"):
        assert -60 < seconds(database, moment, "app.runs") <= 0


def test_a_retry_waits_by_the_database_s_clock(settings, database, wrong_clock):
    bench = Bench("per_event")
    run = bench.start(retries=1)
    bench.launch(run)
    bench.hand_input(run)
    bench.end(run, phase="failed", reason="error", exit_code=1)
    assert bench.now(run).state == "queued"
    assert 0 < seconds(database, "ready_at") <= 5


def test_a_cap_s_grace_ends_by_the_database_s_clock(settings, database, wrong_clock):
    bench = Bench("per_event")
    run = bench.running(cap_micro_usd=10_000)
    bench.speak(run, item(1, 9))
    assert bench.now(run).state == "stopping"
    assert 0 < seconds(database, "stop_deadline_at", "app.runs") <= 10
