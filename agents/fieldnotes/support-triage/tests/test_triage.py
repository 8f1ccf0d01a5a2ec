"""Run with `pytest` in this folder; needs the platform's SDK on the path."""

from pathlib import Path

from main import triage

from agent_platform.sdk.testing import run_agent

SAMPLE = Path(__file__).parents[1] / "samples" / "tickets.csv"
PRICES = {"ticket": 10_000}


def rows(run, kind):
    return {item["ticket"]: item for item in run.items if item["kind"] == kind}


def test_until_somebody_answers_tickets_are_sorted_and_nothing_may_go_out():
    run = run_agent(triage, {}, files={"file": SAMPLE}, prices=PRICES)
    assert run.waiting is not None
    assert (len(rows(run, "ticket")), rows(run, "send")) == (13, {})
    assert rows(run, "ticket")["5302"]["urgency"] == "critical"


def test_what_was_edited_goes_out_and_what_was_emptied_is_held():
    filled = {"replies": "Let the replies below go out", "reply_1": "We are on it."}
    run = run_agent(triage, {}, {"approval replies-1": {"approved": True, "data": filled}, "approval replies-2": False}, files={"file": SAMPLE}, prices=PRICES)
    (sent,) = rows(run, "send").values()
    assert (sent["text"], sent["edited"], sent["approved_by"]) == ("We are on it.", True, "Test Person")
    assert run.result["held"] == 11


def test_nothing_given_is_an_input_error():
    run = run_agent(triage, {})
    assert (run.error.failure_class, run.error.field) == ("input", "tickets")
