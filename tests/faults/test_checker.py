"""The checker itself: it finds nothing where nothing is wrong, and each kind of damage where it was done."""

from types import SimpleNamespace

import psycopg
import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.ids import new_id
from agent_platform.services import identity, runs
from tests.faults.books import BOOKS
from tests.faults.checker import Checker
from tests.faults.witness import Witness
from tests.services.runs.conftest import Bench, item, result
from workers import jobs

FINISHED = "(SELECT id FROM app.runs WHERE state = 'succeeded')"
OPEN = "(SELECT id FROM app.runs WHERE state = 'running')"
# kind -> what somebody would have to do to the database for it
DAMAGE: dict[str, str] = {
    "accepted run lost": f"DELETE FROM app.runs WHERE id = {FINISHED}",
    "accepted run changed": f"UPDATE app.runs SET cap_micro_usd = cap_micro_usd + 1 WHERE id = {FINISHED}",
    "accepted run unfinished": "UPDATE app.runs SET state = 'running', finished_at = NULL WHERE state = 'succeeded'",
    "final run changed": f"UPDATE app.runs SET charged_micro_usd = 1 WHERE id = {FINISHED}",
    "seen row lost": f"DELETE FROM app.run_items WHERE run_id = {FINISHED} AND seq = (SELECT max(seq) FROM app.run_items)",
    "run settled not exactly once": f"DELETE FROM app.journals WHERE kind = 'settle' AND run_id = {FINISHED}",
    "charge differs from the ledger": f"UPDATE app.runs SET charged_micro_usd = 1 WHERE id = {FINISHED}",
    "money of a finished run still held": f"DELETE FROM app.postings WHERE account_kind = 'hold' AND journal_id ="
    f" (SELECT id FROM app.journals WHERE kind = 'settle' AND run_id = {FINISHED})",
    "charge not captured exactly once": "DELETE FROM app.journals WHERE kind = 'capture'",
    "refund differs from the ledger": "UPDATE app.run_charges SET voided_micro_usd = 1",
    "row not charged once": "UPDATE app.run_items SET amount_micro_usd = amount_micro_usd + 1",
    "row paid without a charge": "UPDATE app.run_items SET charge_id = NULL",
    "account not balanced": "UPDATE app.accounts SET balance_micro_usd = balance_micro_usd + 1 WHERE kind = 'hold'",
    "journal not balanced": "UPDATE app.postings SET amount_micro_usd = amount_micro_usd + 1 WHERE account_kind = 'hold'",
    "books of all workspaces do not meet": "UPDATE app.accounts SET balance_micro_usd = balance_micro_usd + 1"
    " WHERE kind = 'clearing'",
    "fault of the platform charged": f"UPDATE app.runs SET failure_class = 'platform' WHERE id = {FINISHED}",
    "slots counted wrong": "UPDATE app.tenant_slots SET taken = taken + 1",
    "parked beside a free slot": "UPDATE app.tenant_slots SET taken = 1",
    "finished run still queued": "INSERT INTO app.dispatch (tenant_id, run_id, state, attempt, fence, priority)"
    " SELECT tenant_id, id, 'leased', 1, 1, 0 FROM app.runs WHERE state = 'succeeded'",
    "open run not in the queue": f"DELETE FROM app.dispatch WHERE run_id = {OPEN}",
    "attempts wrong": f"UPDATE app.run_attempts SET state = 'running' WHERE run_id = {FINISHED}",
    "token outlives its attempt": "INSERT INTO app.lookups (kind, key, tenant_id, target_id)"
    f" SELECT 'run_token', 'k', tenant_id, id FROM app.run_attempts WHERE run_id = {FINISHED}",
    "end not told exactly once": f"DELETE FROM app.run_events WHERE kind = 'run.succeeded' AND run_id = {FINISHED}",
    "receipt missing or wrong": "DELETE FROM app.receipts",
    "charge differs from its parts": "UPDATE app.run_charges SET amount_micro_usd = amount_micro_usd + 1",
    "use not counted exactly once": "DELETE FROM app.usage_events",
    "roll-up differs from its facts": "UPDATE app.usage_hourly SET runs = runs + 1",
    "settlement not handed on once": "UPDATE app.outbox SET done_at = NULL WHERE kind = 'run.settled'",
    "creator not told exactly once": "DELETE FROM app.journals WHERE kind = 'earn'",
    "creator's figures differ from the facts": "UPDATE app.creator_daily SET runs = runs + 1",
}


@pytest.fixture
def scene(settings, database):
    """A run that ended well and one that goes on, another that waits for a place, and a witness of all three."""
    bench = Bench("per_event")
    identity.in_platform(identity.admin_link)  # the operator has a book
    witness, checker = Witness(), Checker(lambda: psycopg.connect(database.superuser))
    for key in ("done", "on", "parked"):
        run = bench.start(key=key)
        witness.accepted(run.id, bench.consumer, key, run.cap_micro_usd)
        if key != "parked":
            bench.launch(run)
            bench.hand_input(run)
            bench.speak(run, item(1, 3, key=["a", "b", "c"]), result(2))
        if key == "done":
            bench.end(run)
            witness.saw(bench.now(run))
            bench.start(key="beside it")
    with acting_as("worker"):
        runs.spread_grant(bench.consumer, month="2026-11")
        jobs.drain_outbox()
    return SimpleNamespace(bench=bench, witness=witness, checker=checker, superuser=database.superuser)


def kinds(scene) -> set[str]:
    return {difference.kind for difference in scene.checker.differences(scene.witness)}


def test_nothing_is_found_where_nothing_is_wrong(scene):
    still_open = {"accepted run unfinished"}
    assert kinds(scene) == still_open, scene.checker.differences(scene.witness)


@pytest.mark.parametrize("kind", DAMAGE)
def test_each_kind_of_damage_is_found(scene, kind):
    before = kinds(scene) - {"accepted run unfinished"}
    with psycopg.connect(scene.superuser) as connection:
        connection.execute("SET session_replication_role = replica")  # no trigger and no reference may stop the damage
        assert connection.execute(DAMAGE[kind]).rowcount > 0
    assert kind in kinds(scene) - before


def test_every_rule_of_the_books_has_a_damage():
    assert set(BOOKS) <= set(DAMAGE)


def test_a_key_that_was_answered_with_two_runs_is_found(scene):
    scene.witness.accepted(new_id(), scene.bench.consumer, "done", 1)
    assert {"key answered with two runs", "accepted run lost"} <= kinds(scene)


def test_a_run_that_is_neither_over_nor_at_work_is_not_recovered(scene):
    waiting = [difference.found for difference in scene.checker.unrecovered(scene.witness)]
    assert [text.partition(" is ")[2] for text in waiting] == ["queued at attempt 1"]
