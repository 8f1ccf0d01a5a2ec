"""What a driver is told of a workspace's plan."""

import pytest
from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runtime
from agent_platform.services.runs import _driver_places


@pytest.fixture(autouse=True)
def forgotten():
    _driver_places._told.clear()


def set_cap(bench, cap):
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        session.execute(text("UPDATE app.tenant_slots SET cap = :cap"), {"cap": cap})


def test_the_first_launch_tells_the_driver_the_plan_and_the_next_ones_do_not(bench):
    set_cap(bench, 7)
    bench.launch(bench.start("a"))
    bench.launch(bench.start("b"))
    (policy,) = bench.driver.policies
    assert policy == runtime.TenantPolicy(tenant_id=str(bench.consumer), sandboxes=361, cpu=1_444, memory_mb=2_957_312)


def test_a_changed_plan_is_told_within_ten_minutes(bench, monkeypatch):
    bench.launch(bench.start("a"))
    set_cap(bench, 9)
    now = _driver_places.time.monotonic() + _driver_places.TOLD_SECONDS + 1
    monkeypatch.setattr(_driver_places.time, "monotonic", lambda: now)
    bench.launch(bench.start("b"))
    assert [policy.sandboxes for policy in bench.driver.policies][-1] == 463


@pytest.mark.parametrize("error", [runtime.Transient("away"), runtime.Rejected("no right to make namespaces")])
def test_a_driver_that_cannot_be_told_starts_what_it_can_and_is_told_again(bench, monkeypatch, error):
    asked = []

    def refuse(policy):
        asked.append(policy)
        raise error

    monkeypatch.setattr(bench.driver, "ensure_tenant", refuse)
    runs = [bench.start("a"), bench.start("b")]
    for run in runs:
        bench.launch(run)
    assert [bench.now(run).state for run in runs] == ["starting", "starting"]
    assert len(asked) == 2
