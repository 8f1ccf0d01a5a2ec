"""Two of everything at once have the effect of one: reconcilers, watches, launchers, outboxes."""

import os
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.services import identity, runs, runtime
from tests.faults.checker import Checker
from tests.faults.witness import Witness
from tests.services.runs.conftest import Bench, item, result
from workers import jobs

pytestmark = pytest.mark.fault
RUNS = int(os.environ.get("FAULT_RUNS", "40"))  # S-32 asks for 1,000
AT_ONCE = 4


class Crowd:
    """Many running runs of one workspace."""

    def __init__(self, superuser: str, number: int) -> None:
        identity.in_platform(identity.admin_link)
        self.bench = Bench("per_event")
        self.superuser = superuser
        self.witness, self.checker = Witness(), Checker(lambda: psycopg.connect(superuser))
        self.sql("UPDATE app.tenant_slots SET cap = 100000")
        with acting_as("worker"):
            runs.spread_grant(self.bench.consumer, month="2026-11")
        self.runs = [self._running(number) for number in range(number)]

    def _running(self, number: int):
        run = self.bench.running(key=f"k{number}", cap_micro_usd=10_000)
        self.witness.accepted(run.id, self.bench.consumer, f"k{number}", 10_000)
        self.bench.speak(run, item(1, 2, key=["a", "b"]))
        return run

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.superuser) as connection:
            connection.execute(statement)  # pyright: ignore[reportArgumentType]

    def at_once(self, act) -> None:
        """The same act by several processes' worth of threads; what one of them raises fails the test."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(act) for _ in range(AT_ONCE)]:
                done.result()

    def reconcile(self) -> None:
        with acting_as("worker"):
            runs.reconcile(self.bench.driver)

    def conclude_all(self, attempt: int) -> None:
        with acting_as("worker"):
            for run in self.runs:
                runs.conclude(
                    self.bench.driver, tenant_id=self.bench.consumer, run_id=run.id, attempt=attempt, status=ended(run, attempt)
                )  # fmt: skip


def ended(run, attempt: int) -> runtime.Status:
    return runtime.Status(
        handle=runtime.handle_of(run.id, attempt), run_id=str(run.id), attempt=attempt, phase=runtime.Phase.SUCCEEDED,
        reason=runtime.Reason.OK, exit_code=0, started_at=run.queued_at,
    )  # fmt: skip


def drain() -> None:
    with acting_as("worker"):
        jobs.drain_outbox()


@pytest.fixture
def crowd(settings, database, request):
    return Crowd(database.superuser, getattr(request, "param", RUNS))


def test_lost_attempts_are_retried_once_by_many_reconcilers(crowd):
    # Before the first reconciler: a slow machine launches some again while others are still being found.
    before = len(crowd.bench.driver.started)
    crowd.sql("UPDATE app.dispatch SET lease_until = now() - interval '1 second'")
    for _ in range(RUNS // 20 + 1):
        crowd.at_once(crowd.reconcile)
    assert {crowd.bench.now(run).attempt for run in crowd.runs} == {2}
    crowd.sql("UPDATE app.dispatch SET ready_at = now() - interval '1 hour'")
    for _ in range(RUNS // 20 + 1):
        crowd.at_once(crowd.reconcile)
    assert len(crowd.bench.driver.started) - before == RUNS
    for run in crowd.runs:
        crowd.bench.hand_input(run, attempt=2)
        crowd.bench.speak(run, item(1, 2, key=["a", "b"]), result(2), attempt=2)
    crowd.at_once(lambda: crowd.conclude_all(2))
    for _ in range(RUNS // 20 + 2):
        crowd.at_once(drain)
    assert crowd.checker.differences(crowd.witness) == []
    assert {(crowd.bench.now(run).state, crowd.bench.now(run).charged_micro_usd) for run in crowd.runs} == {
        ("succeeded", 4_000)
    }
