"""A dry run: it reads, writes nothing outside and costs nothing; and state that two runs write at the same time."""

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import billing
from tests.broker.test_egress import URL_INPUT, network

pytestmark = pytest.mark.sandbox
WORK = """
def go(run):
    read = run.http.get(run.input["url"]).text
    sent = run.http.post(run.input["url"], "data")
    child = run.agents.call("SLUG/other", {}, 1_000, key="k")
    decision = run.approval.request("k", "Go on?")
    run.state.set("seen", read)
    run.state.update("n", lambda n: n + 1, default=0)
    run.emit({"n": 1})
    return {"read": read, "sent": [sent.status, sent.dry_run], "child": [bool(child), child.result],
            "decision": [decision.approved, decision.by], "dry": run.dry_run, "kept": run.state.keys()}
"""


def balance(stage):
    with tenant_session(stage.tenant_id) as session:
        assert billing.ledger_differences(session) == []
        return billing.balance(session)


def test_a_dry_run_reads_writes_nothing_and_costs_nothing(stage, upstream):
    before = balance(stage)
    done = stage.run(
        WORK.replace("SLUG", stage.slug),
        permissions=network(upstream.server_port, methods=("GET", "POST")) | {"agents": [f"{stage.slug}/other"]},
        input_schema=URL_INPUT,
        input={"url": f"http://127.0.0.1:{upstream.server_port}/"},
        dry_run=True,
    )
    assert done.state == "succeeded", (done.failure_message, stage.log(done))
    assert done.result == {
        "read": "hello", "sent": [202, True], "child": [True, {}], "decision": [True, "dry run"], "dry": True, "kept": [],
    }  # fmt: skip
    assert [method for method, *_ in upstream.seen] == ["GET"]
    assert [(row.method, row.refused) for row in stage.egress(done)] == [("GET", None), ("POST", "dry_run")]
    assert (done.charged_micro_usd, done.compute_micro_usd > 0, balance(stage)) == (0, True, before)
    assert stage.rows("SELECT count(*) AS n FROM app.runs")[0].n == 1
    assert stage.rows("SELECT count(*) AS n FROM app.outbox WHERE kind = 'run.settled'")[0].n == 0


def test_two_runs_that_update_the_same_key_lose_nothing(stage):
    code = """
def go(run):
    for _ in range(20):
        run.state.update("n", lambda n: n + 1, default=0)
    return {}
"""
    stage.agent(code, permissions={"state": True})
    for run in [stage.start(), stage.start()]:
        assert stage.done(run).state == "succeeded", stage.log(run)
    assert stage.rows("SELECT value FROM app.agent_state")[0].value == 40
