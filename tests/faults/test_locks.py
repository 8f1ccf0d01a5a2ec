"""Starts, ends, refunds and cancels of one workspace at once: nobody waits for another in a circle, no place is forgotten."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.faults.checker import Checker
from tests.faults.witness import Witness
from tests.services.runs.conftest import Bench, item, result

pytestmark = pytest.mark.fault
CLIENTS, ROUNDS = 6, 12


@pytest.fixture
def bench(settings, database):
    bench = Bench("per_run")
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE app.tenant_slots SET cap = 100000")
    return bench


def test_starts_and_ends_of_one_workspace_never_block_each_other_for_good(bench, database):
    witness, checker = Witness(), Checker(lambda: psycopg.connect(database.superuser))

    def live(client: int) -> None:
        for number in range(ROUNDS):
            key = f"{client} {number}"
            run = bench.start(key=key, cap_micro_usd=30_000)
            witness.accepted(run.id, bench.consumer, key, 30_000)
            bench.launch(run)
            bench.hand_input(run)
            bench.speak(run, {**item(1, 1), "event": None}, result(2))
            if number % 2:
                bench.end(run)
            else:  # the price of the run goes back
                bench.end(run, phase="failed", reason="oom", exit_code=137)

    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(live, client) for client in range(CLIENTS)]:
            done.result()
    told_later = {
        "settlement not handed on once",
        "creator not told exactly once",
        "books of all workspaces do not meet",
    }
    assert {found.kind for found in checker.differences(witness)} <= told_later
