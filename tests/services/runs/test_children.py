"""Runs that runs start: one cap for both, money from hold to hold, and an end with their parent."""

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import PaymentRequired
from agent_platform.services import billing, runs
from agent_platform.services.billing.errors import CapBelowSmallest
from tests.services.runs.conftest import item, result

CREDIT = 5_000_000


@pytest.fixture
def family(bench):
    """`boss` may call `counter` and itself; both cost $0.002 a row."""
    bench.release("boss", agents=["maker/counter", "maker/boss"])
    return bench


def call(bench, parent, key="c1", agent="maker/counter", cap=400_000, n=3, attempt=1):
    request = runs.ChildRequest(agent, {"n": n}, cap, key, None)
    with acting_as("broker"), tenant_session(bench.consumer) as session:
        child_id = runs.start_child(session, run_id=parent.id, attempt=attempt, request=request)
    return bench.now_by_id(child_id)


def grow(bench, run, number, seq=1, attempt=1):
    return bench.speak(run, item(seq, number), attempt=attempt)


def started(bench, run):
    assert bench.launch(run)
    bench.hand_input(run)
    return run


def books(bench):
    """Nothing is lent once all have ended, and every journal and account agrees."""
    with tenant_session(bench.consumer) as session:
        assert billing.ledger_differences(session) == []
    lent = bench.sql("SELECT coalesce(sum(balance_micro_usd), 0)::bigint FROM app.accounts WHERE kind = 'lent'")
    return bench.money(), lent


def test_example_h_the_child_s_cap_becomes_the_parent_s_room_and_both_pay_their_own_prices(family):
    parent = family.running(slug="boss", accept_permissions=True, cap_micro_usd=500_000)
    grow(family, parent, 100)
    child = call(family, parent, cap=400_000)
    assert (child.cap_micro_usd, child.origin, child.parent_run_id) == (300_000, "parent", parent.id)
    assert family.now(parent).child_micro_usd == 300_000
    assert family.money() == (CREDIT - 500_000, 300_000)
    started(family, child)
    grow(family, child, 50)
    assert grow(family, parent, 1, seq=2)["outcomes"]["2"] == {"accepted": 0, "dropped": 1, "cap_reached": True}
    family.speak(child, result(2, {"rows": 50}))
    family.end(child)
    assert (family.now(child).state, family.now(child).charged_micro_usd) == ("succeeded", 100_000)
    assert family.now(parent).child_micro_usd == 100_000
    family.end(parent)
    done = family.now(parent)
    assert (done.charged_micro_usd, done.child_micro_usd) == (200_000, 100_000)
    assert books(family) == ((CREDIT - 300_000, 0), 0)
    settled = family.sql(
        "SELECT array_agg(payload->>'price_micro_usd' ORDER BY created_at) FROM app.outbox WHERE kind = 'run.settled'"
    )
    assert settled == ["100000", "200000"]


def test_what_a_child_leaves_is_the_parent_s_to_spend_again(family):
    parent = family.running(slug="boss", accept_permissions=True, cap_micro_usd=100_000)
    child = started(family, call(family, parent, cap=100_000))
    family.speak(child, item(1, 2), result(2))
    family.end(child)
    assert family.now(parent).child_micro_usd == 4_000
    assert call(family, parent, key="c2", cap=1_000_000).cap_micro_usd == 96_000


def test_the_same_key_is_the_same_child_in_every_attempt(family):
    parent = family.running(slug="boss", accept_permissions=True, cap_micro_usd=500_000)
    child = call(family, parent)
    assert call(family, parent, cap=1_000).id == child.id
    family.end(parent, phase="lost", reason="lost", exit_code=None)
    assert family.launch(parent)
    family.hand_input(parent, attempt=2)
    assert call(family, parent, attempt=2).id == child.id
    assert family.now(parent).child_count == 1


@pytest.mark.sec
def test_only_named_agents_three_levels_deep_and_never_past_the_cap(family):
    parent = family.running(slug="boss", accept_permissions=True, cap_micro_usd=500_000)
    with pytest.raises(runs.NotPermitted):
        call(family, parent, agent="maker/other")
    with pytest.raises(runs.TokenDead):
        call(family, parent, attempt=7)
    with pytest.raises(CapBelowSmallest):
        call(family, parent, cap=5_000)
    level = parent
    for depth in (1, 2, 3):
        level = started(family, call(family, level, agent="maker/boss", cap=500_000 - depth * 10_000))
    with pytest.raises(runs.EventRefused, match="3 levels"):
        call(family, level, agent="maker/boss", cap=20_000)
    with pytest.raises(runs.EventRefused, match="was used to call"):
        call(family, parent, agent="maker/counter", cap=10_000)
    call(family, parent, key="rest", cap=10_000)
    with pytest.raises(PaymentRequired):
        call(family, parent, key="more", cap=10_000)


def test_stopping_a_parent_stops_its_children_and_everything_comes_back(family):
    parent = family.running(slug="boss", accept_permissions=True, cap_micro_usd=500_000)
    child = started(family, call(family, parent, agent="maker/boss", cap=300_000))
    grandchild = started(family, call(family, child, cap=100_000))
    queued = call(family, parent, key="c2", cap=50_000)
    grow(family, grandchild, 2)
    with tenant_session(family.consumer) as session:
        runs.cancel(session, run_id=parent.id, caller=family.caller)
    family.end(parent, phase="failed", reason="cancelled", exit_code=143)
    with acting_as("worker"):
        runs.stop_children(tenant_id=family.consumer, run_id=parent.id)
        runs.reconcile(family.driver)  # the grandchild's wake-up was lost with the queue
        for run in (queued, child, grandchild):
            runs.press_stop(family.driver, tenant_id=family.consumer, run_id=run.id)
    family.end(child, phase="failed", reason="cancelled", exit_code=143)
    family.end(grandchild, phase="failed", reason="cancelled", exit_code=143)
    assert [family.now(run).state for run in (parent, child, grandchild, queued)] == ["cancelled"] * 4
    assert family.now(grandchild).stopped_by == "its parent run"
    assert books(family) == ((CREDIT - 4_000, 0), 0)
    assert [family.now(run).child_micro_usd for run in (parent, child)] == [4_000, 4_000]


def test_children_take_no_slot_and_give_none_back(family):
    parent = family.running(slug="boss", accept_permissions=True, cap_micro_usd=500_000)
    taken = "SELECT taken FROM app.tenant_slots"
    assert family.sql(taken) == 1
    child = started(family, call(family, parent))
    assert family.sql(taken) == 1
    family.speak(child, result(1))
    family.end(child)
    with acting_as("worker"):
        runs.hand_out_places(family.consumer)
    assert family.sql(taken) == 1
    family.speak(parent, result(1))
    family.end(parent)
    assert family.sql(taken) == 0


def test_the_parent_reads_how_its_child_ended(family):
    parent = family.running(slug="boss", accept_permissions=True, cap_micro_usd=500_000)
    child = started(family, call(family, parent))

    def answer():
        with acting_as("broker"), tenant_session(family.consumer) as session:
            return runs.child_answer(session, run_id=parent.id, attempt=1, child_id=child.id)

    assert (answer()["state"], answer()["final"]) == ("running", False)
    family.speak(child, item(1, 2), result(2, {"ok": True}))
    family.end(child)
    done = answer()
    assert (done["state"], done["result"], done["items"], done["cost_micro_usd"]) == (
        "succeeded", {"ok": True}, [{"i": 0}, {"i": 1}], 4_000
    )  # fmt: skip


def test_what_a_test_of_the_platform_calls_is_a_test_too_and_earns_nobody_anything(family):
    parent = family.running(slug="boss", accept_permissions=True, cap_micro_usd=100_000, origin="test")
    child = started(family, call(family, parent, cap=100_000))
    assert child.origin == "test"
    family.speak(child, item(1, 2), result(2))
    family.end(child)
    family.end(parent)
    assert (family.now(child).state, family.now(child).charged_micro_usd) == ("succeeded", 0)
    assert books(family) == ((CREDIT, 0), 0)
    assert family.sql("SELECT count(*) FROM app.outbox WHERE kind = 'run.settled'") == 0
