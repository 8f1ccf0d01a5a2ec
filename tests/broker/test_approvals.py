"""A run that asks a person: from the question in the sandbox to the answer in its next attempt."""

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Conflict, Forbidden, InputInvalid
from agent_platform.services import billing, runs
from tests.factories import caller_of

pytestmark = pytest.mark.sandbox
SENDER = """
def go(run):
    run.emit({"n": 1}, key="a")
    run.emit({"n": 2})
    form = {"type": "object", "properties": {"subject": {"type": "string", "maxLength": 40}}}
    decision = run.approval.request("send", "Send 9 replies?", {"replies": 9, "to": "support"}, form=form)
    return {"approved": decision.approved, "by": decision.by, "comment": decision.comment, "data": decision.data,
            "attempt": run.attempt}
"""


def question(stage, run):
    with tenant_session(stage.tenant_id) as session:
        return runs.list_approvals(session, run_id=run.id)[0]


def decide(stage, run, approved=True, caller=None, **more):
    with tenant_session(stage.tenant_id) as session:
        return runs.decide(
            session, approval_id=question(stage, run).id, approved=approved, caller=caller or stage.caller, **more
        )


def slots(stage):
    return stage.rows("SELECT taken FROM app.tenant_slots")[0].taken


def held(stage):
    with tenant_session(stage.tenant_id) as session:
        assert billing.ledger_differences(session) == []
        return billing.balance(session).held_micro_usd


def test_a_run_waits_for_an_answer_without_sandbox_and_slot_and_goes_on_with_it(stage):
    stage.agent(SENDER)
    run = stage.until(stage.start(cap_micro_usd=50_000), "waiting")
    assert (run.state, run.attempt) == ("waiting", 1), (run.failure_message, stage.log(run))
    assert (slots(stage), held(stage), list(stage.driver.list())) == (0, 50_000, [])
    asked = question(stage, run)
    assert (asked.title, asked.facts, asked.role, asked.state) == (
        "Send 9 replies?", {"replies": 9, "to": "support"}, "member", "pending"
    )  # fmt: skip
    metered = run.compute_micro_usd
    with pytest.raises(InputInvalid):
        decide(stage, run, answer={"subject": "x" * 41})
    with pytest.raises(Forbidden):
        decide(stage, run, caller=caller_of(stage.tenant_id, role="viewer"))
    decide(stage, run, answer={"subject": "Hello"}, comment=" Fine. ")
    with pytest.raises(Conflict, match="already decided: approved"):
        decide(stage, run, approved=False)
    done = stage.done(run)
    assert done.result == {
        "approved": True, "by": "Mara Okafor", "comment": "Fine.", "data": {"subject": "Hello"}, "attempt": 2,
    }  # fmt: skip
    assert (done.state, done.item_count, held(stage), slots(stage)) == ("succeeded", 2, 0, 0)
    assert [row.reason for row in stage.rows("SELECT reason FROM app.run_attempts ORDER BY number")] == [
        "first",
        "resume",
    ]
    assert done.compute_micro_usd > metered


def test_a_question_that_nobody_answers_is_answered_by_itself(stage):
    code = """
def go(run):
    decision = run.approval.request("k", "Go on?", expires_seconds=1, on_expire="approve")
    return {"approved": decision.approved, "by": decision.by}
"""
    stage.agent(code)
    run = stage.until(stage.start(), "waiting")
    done = stage.done(run)
    assert (done.result, question(stage, run).state) == ({"approved": True, "by": None}, "expired")
    with pytest.raises(Conflict, match="over"):
        decide(stage, run)


def test_a_run_that_waits_can_be_stopped_and_its_money_comes_back(stage):
    stage.agent(SENDER)
    run = stage.until(stage.start(cap_micro_usd=50_000), "waiting")
    with tenant_session(stage.tenant_id) as session:
        runs.cancel(session, run_id=run.id, caller=stage.caller)
    done = stage.done(run)
    assert (done.state, held(stage), question(stage, run).state) == ("cancelled", 0, "cancelled")
    assert stage.rows("SELECT 1 FROM app.dispatch") == []
    with pytest.raises(Conflict, match="ended"):
        decide(stage, run)


@pytest.mark.sec
def test_an_agent_cannot_answer_itself_nor_read_what_others_were_asked(stage):
    stage.agent(SENDER)
    other = stage.until(stage.start(), "waiting")
    code = """
import json, os
from agent_platform.sdk._door import Door
def go(run):
    door = Door(os.environ["AP_BROKER"].removeprefix("unix://"), os.environ["AP_RUN_TOKEN"])
    def call(method, path, body=b""):
        return door.request(method, path, body)[0]
    other = run.input["other"]
    tries = [("POST", f"/runtime/v1/approvals/{other}/decide"), ("PUT", f"/runtime/v1/approvals/{other}"),
             ("GET", "/runtime/v1/approvals"), ("GET", f"/runtime/v1/approvals/{other}"), ("PATCH", "/runtime/v1/approvals")]
    statuses = [call(method, path, b'{"approved": true}') for method, path in tries]
    decided = run.approval.request("mine", "May I?") if run.attempt > 1 else None
    if decided is None:
        try:
            run.approval.request("mine", "May I?")
        except BaseException as error:
            caught = type(error).__name__
        again = json.loads(door.request("POST", "/runtime/v1/approvals", json.dumps({"key": "mine", "title": "x", "state": "approved", "approved": True}).encode())[1])
        return {"statuses": statuses, "caught": caught, "again": again}
"""
    schema = {"type": "object", "properties": {"other": {"type": "string"}}}
    done = stage.run(code, input_schema=schema, input={"other": str(question(stage, other).id)})
    assert done.state == "succeeded", (done.failure_message, stage.log(done))
    assert set(done.result["statuses"]) <= {404, 405}
    assert (done.result["caught"], done.result["again"]) == ("RunWaits", {"state": "pending"})
    assert question(stage, other).state == "pending"
    assert question(stage, done).state == "cancelled"
