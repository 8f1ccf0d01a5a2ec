"""An agent that calls an agent, both in real sandboxes."""

import time

import pytest

from tests.doubles.stage import wait_for

pytestmark = pytest.mark.sandbox
PARENT = """
def go(run):
    done = run.agents.call("SLUG/adder", {"a": 2, "b": 3}, 20_000, key="sum", timeout=60)
    again = run.agents.call("SLUG/adder", {"a": 2, "b": 3}, 20_000, key="sum")
    try:
        run.agents.call("SLUG/other", {}, 10_000, key="x")
    except Exception as error:
        refused = type(error).__name__
    return {"ok": bool(done), "sum": done.result, "items": done.items, "same": done.run_id == again.run_id, "refused": refused}
"""
ADDER = """
import time
def go(run):
    time.sleep(run.input.get("sleep", 0))
    run.emit({"n": 1})
    return {"sum": run.input["a"] + run.input["b"]}
"""


def adder_of(stage):
    numbers = {name: {"type": "number"} for name in ("a", "b", "sleep")}
    stage.agent(ADDER, slug="adder", input_schema={"type": "object", "properties": numbers})
    return {"agents": [f"{stage.slug}/adder"]}


def test_a_child_run_answers_its_parent_through_a_restart_of_the_broker(stage):
    permissions = adder_of(stage)
    done = stage.run(PARENT.replace("SLUG", stage.slug), permissions=permissions, cap_micro_usd=100_000)
    assert done.state == "succeeded", (done.failure_message, stage.log(done))
    assert done.result == {"ok": True, "sum": {"sum": 5}, "items": [{"n": 1}], "same": True, "refused": "NotPermitted"}
    assert done.child_micro_usd > 0
    slow = PARENT.replace("SLUG", stage.slug).replace('"b": 3}, 20_000', '"b": 3, "sleep": 4}, 20_000')
    stage.agent(slow, slug="patient", permissions=permissions, resources={"timeout_seconds": 300})
    run = stage.start(slug="patient", cap_micro_usd=100_000)
    wait_for(lambda: stage.now(run).child_count == 1)
    stage.stop_broker()
    time.sleep(1)
    stage.start_broker()
    done = stage.done(run)
    assert done.state == "succeeded", (done.failure_message, stage.log(done))
    assert done.result["sum"] == {"sum": 5}
    assert (
        stage.rows("SELECT coalesce(sum(balance_micro_usd), 0) AS n FROM app.accounts WHERE kind IN ('lent', 'hold')")[
            0
        ].n
        == 0
    )


@pytest.mark.sec
def test_an_agent_that_calls_itself_ends_three_levels_down(stage):
    code = """
def go(run):
    try:
        return {"below": run.agents.call("SLUG/loop", {}, 1_000_000, key="again", timeout=60).result}
    except Exception as error:
        return {"end": str(error)}
"""
    stage.agent(code.replace("SLUG", stage.slug), slug="loop", permissions={"agents": [f"{stage.slug}/loop"]})
    done = stage.done(stage.start(slug="loop", cap_micro_usd=100_000))
    end = done.result["below"]["below"]["below"]["end"]
    assert "3 levels deep" in end
    assert stage.rows("SELECT count(*) AS n FROM app.runs")[0].n == 4
