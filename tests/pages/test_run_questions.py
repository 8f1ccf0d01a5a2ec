"""What a run asks people and the network, as its page shows it."""

import json

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Conflict
from agent_platform.services import runs
from agent_platform.state.approvals import ApprovalsState
from tests.doubles.running import end, make_run
from tests.doubles.tab import Page
from tests.factories import caller_of

FORM = {"type": "object", "properties": {"subject": {"type": "string", "title": "Subject", "maxLength": 10}}}


def ask(workspace, run_id, **more):
    asked = {"key": "send", "title": "Send 9 replies?", "data": {"to": "support"}, "form": FORM, **more}
    with acting_as("broker"), tenant_session(workspace.id) as session:
        return runs.ask(session, run_id=run_id, attempt=1, question=runs.read_question(json.dumps(asked).encode()))


def waiting_run(workspace, **more):
    run_id = make_run(workspace)
    assert ask(workspace, run_id, **more) == {"state": "pending"}
    end(workspace, run_id)
    return run_id


async def test_the_question_is_shown_to_who_may_decide_and_the_answer_is_kept(northwind, open_run):
    run_id = waiting_run(northwind)
    page = await open_run(run_id)
    state = page.state
    assert (state.strip.state, state.question.title, state.question.can_decide) == ("waiting", "Send 9 replies?", True)
    assert [(one.label, one.value) for one in state.question.facts] == [("To", "support")]
    assert "If nobody decides by" in state.question.otherwise
    await page.send("write_answer", "subject", "Hello")
    await page.send("write_comment", "Fine")
    await page.send("choose_tab", "timeline")
    assert (page.state.comment, page.state.answer_fields[0].value) == ("Fine", "Hello")
    await page.send("approve")
    assert (page.state.question.id, page.state.answers[0].state) == ("", "approved")
    assert page.state.answers[0].said.endswith(": Fine")
    with tenant_session(northwind.id) as session:
        assert runs.list_approvals(session, run_id=run_id)[0].answer == {"subject": "Hello"}


async def test_a_wrong_form_and_a_late_answer_decide_nothing(northwind, open_run):
    run_id = waiting_run(northwind)
    page = await open_run(run_id)
    await page.send("write_answer", "subject", "far too long a subject")
    await page.send("approve")
    assert page.state.answer_fields[0].error or page.state.answer_fault
    assert page.state.question.id
    with tenant_session(northwind.id) as session:
        (asked,) = runs.list_approvals(session, run_id=run_id)
        runs.decide(session, approval_id=asked.id, approved=False, caller=northwind.owner)
    with pytest.raises(Conflict, match="already decided: rejected"):
        await page.send("reject")
    assert (page.state.question.id, page.state.answers[0].state) == ("", "rejected")


async def test_others_see_the_question_and_may_not_decide(northwind, open_run, enter):
    run_id = waiting_run(northwind, role="owner")
    enter(caller_of(northwind.id, role="admin", name="Vera Vogel"))
    page = await open_run(run_id)
    assert (page.state.question.title, page.state.question.can_decide) == ("Send 9 replies?", False)


async def test_open_questions_are_listed(northwind, enter, said):
    waiting_run(northwind)
    enter(northwind.owner)
    page = Page(ApprovalsState, "http://northwind.localhost:3000/approvals")
    await page.send("open")
    assert [(one.title, one.can_decide) for one in page.state.pending] == [("Send 9 replies?", True)]


async def test_requests_are_shown_by_host_and_refusals_are_marked(northwind, open_run):
    rules = [{"host": "docs.example.com", "ports": [443], "methods": ["GET"]}]
    run_id = make_run(northwind, options={"network": rules})
    page = await open_run(run_id, "?tab=network")
    assert (page.state.network.total, page.state.network.allowed) == ("", "docs.example.com")
    with acting_as("broker"), tenant_session(northwind.id) as session:
        for host in ("docs.example.com", "docs.example.com", "evil.example"):
            wish = runs.Wish("GET", host, 443, "ab" * 8)
            ticket = runs.admit(session, run_id=run_id, attempt=1, wish=wish)
            if isinstance(ticket, runs.Ticket):
                ended = runs.EgressEnding(ms=12, status=200, received_bytes=2_000)
                runs.close_request(session, run_id=run_id, seq=ticket.seq, ending=ended)
    await page.send("choose_tab", "network")
    network = page.state.network
    assert [(one.host, one.requests, one.word, one.note) for one in network.hosts] == [
        ("docs.example.com", "2", "allowed", ""),
        ("evil.example", "1", "refused", "not in its manifest"),
    ]
    assert [one.result for one in network.requests] == ["refused: not in its manifest", "200", "200"]


@pytest.mark.sec
def test_a_flood_of_requests_is_counted_and_not_written_down(northwind):
    """Ten thousand rows at most; here the counter is put near the end, as a long flood would."""
    from sqlalchemy import text

    run_id = make_run(northwind, options={"network": [{"host": "*", "ports": [443], "methods": ["GET"]}]})
    with acting_as("broker"), tenant_session(northwind.id) as session:
        session.execute(
            text("INSERT INTO app.run_egress_use (tenant_id, run_id, requests) VALUES (:t, :r, 9999)"),
            {"t": northwind.id, "r": run_id},
        )
        found = [
            runs.admit(session, run_id=run_id, attempt=1, wish=runs.Wish("GET", "a.example", 443)) for _ in range(5)
        ]
    assert [getattr(one, "reason", "") for one in found] == ["", "requests", "requests", "requests", "requests"]
    with tenant_session(northwind.id) as session:
        assert runs.count_requests(session, run_id=run_id) == 10_004
        assert len(runs.last_requests(session, run_id=run_id)) == 1
