"""An upload is kept from the first run on that names it, in its input or in an answer to it."""

import json
from uuid import uuid4

import psycopg
import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.core.ids import shown
from agent_platform.services import runs
from tests.factories import make_tenant
from tests.services.runs.desk import DAY, INPUT, Desk, in_background, waits


@pytest.fixture
def desk(settings, database):
    return Desk(database)


@pytest.mark.parametrize("given", [lambda one: {"file": one}, lambda one: {"files": [one]}, lambda one: {"note": one}])
def test_an_upload_stays_with_the_run_that_names_it_and_may_be_named_again(desk, given):
    file_id = desk.send(age="23 hours")
    run = desk.start(input=given(file_id))
    assert desk.do("SELECT expires_at FROM app.run_files") == [(None,)]
    desk.let_pass("99 days")
    assert desk.sweep() == 0
    assert desk.rows() == {file_id}
    with tenant_session(desk.consumer) as session:
        again = runs.rerun(session, run_id=run.id, idempotency_key="k2", caller=desk.caller)
    assert again.input == given(file_id)
    assert len(desk.bytes_kept()) == 1


def test_an_upload_whose_day_is_over_is_refused_before_and_after_it_is_swept(desk):
    file_id = desk.send(age=DAY)
    for sweep in (False, True):
        if sweep:
            desk.let_pass("6 minutes")
            assert desk.sweep() == 1
        with pytest.raises(runs.RunInputInvalid, match="File names a file that is not there") as refused:
            desk.start(input={"file": file_id})
        assert refused.value.errors[0].path == "file"
        assert refused.value.errors[0].message.endswith("within 24 hours is deleted. Upload it again.")
    assert desk.do("SELECT count(*) FROM app.runs") == [(0,)]


def test_a_refused_run_keeps_no_upload(desk):
    file_id = desk.send(age="23 hours")
    with pytest.raises(runs.RunInputInvalid):
        desk.start(input={"file": file_id, "unknown": 1})
    desk.let_pass(DAY)
    assert desk.sweep() == 1
    assert desk.bytes_kept() == []


def test_a_quote_alone_keeps_no_upload(desk):
    file_id = desk.send(age="23 hours")
    with tenant_session(desk.consumer) as session:
        runs.quote(session, runs.RunRequest("maker", "counter", {"file": file_id}, "k"))
    assert desk.do("SELECT expires_at IS NULL FROM app.run_files") == [(False,)]


@pytest.mark.sec
def test_a_run_keeps_no_upload_of_another_workspace(desk):
    other = make_tenant()
    file_id = desk.send(tenant=other, age="23 hours")
    with pytest.raises(runs.RunInputInvalid, match="not there"):
        desk.start(input={"file": file_id})
    desk.start("k2", input={"note": file_id})
    assert desk.do("SELECT expires_at IS NULL FROM app.run_files") == [(False,)]
    desk.let_pass(DAY)
    assert desk.sweep() == 1
    assert desk.bytes_kept(other) == []


def test_a_run_takes_its_files_in_one_order_whatever_its_input_says(desk):
    """A run that has to wait for the first of its files, by id, holds none of the others, however its input has them."""
    first, second = sorted([desk.send(b"1"), desk.send(b"2")])
    named = "'file_' || replace(id::text, '-', '') = %s"
    desk.do(f"UPDATE app.run_files SET name = name WHERE {named}", first)  # in the table it lies behind now
    lock = f"SELECT 1 FROM app.run_files WHERE {named} FOR UPDATE NOWAIT"
    with psycopg.connect(desk.god) as other:
        other.execute(lock, (first,))
        thread, told = in_background(lambda: desk.start(input={"files": [second, first]}))
        waits(desk)
        assert other.execute(lock, (second,)).fetchone() == (1,)
    thread.join(10)
    assert told[0].state == "queued"
    assert desk.do("SELECT count(*) FROM app.run_files WHERE expires_at IS NULL") == [(2,)]


def test_what_became_a_bundle_is_discarded_and_what_a_run_took_is_not(desk):
    taken, spare = desk.send(b"taken"), desk.send(b"spare")
    desk.start(input={"file": taken})
    with tenant_session(desk.consumer) as session:
        for file_id in (taken, spare):
            runs.discard_upload(session, file_id=file_id)
    assert desk.rows() == {taken}
    assert len(desk.bytes_kept()) == 1


def answered(desk, file_id):
    """The run whose question was answered with this file."""
    run = desk.running(input={})
    question = {"key": "q", "title": "Which?", "role": "member", "form": INPUT, "expires_seconds": 60}
    with acting_as("broker"), tenant_session(desk.consumer) as session:
        runs.ask(session, run_id=run.id, attempt=1, question=runs.read_question(json.dumps(question).encode()))
    with tenant_session(desk.consumer) as session:
        (pending,) = runs.list_pending(session)
        runs.decide(
            session, approval_id=pending.approval.id, approved=True, caller=desk.caller, answer={"file": file_id}
        )
    return run


def test_an_upload_that_an_answer_names_is_kept_and_the_agent_can_open_it(desk):
    file_id = desk.send(age="23 hours")
    other = desk.send(b"of nobody")
    run = answered(desk, file_id)
    assert desk.do("SELECT count(*) FROM app.run_files WHERE expires_at IS NULL") == [(1,)]
    with acting_as("broker"), tenant_session(desk.consumer) as session:
        assert runs.input_file(session, run_id=run.id, attempt=1, name=file_id)[1] == "text/csv"
        with pytest.raises(NotFound):
            runs.input_file(session, run_id=run.id, attempt=1, name=other)


@pytest.mark.parametrize("whose", ["over", "foreign", "made up"])
def test_an_answer_that_names_a_file_that_is_not_there_decides_nothing(desk, whose):
    tenant = make_tenant() if whose == "foreign" else None
    sent = desk.send(age=DAY if whose == "over" else None, tenant=tenant)
    file_id = shown("file", uuid4()) if whose == "made up" else sent
    with pytest.raises(InputInvalid, match=r"Upload it again\. Nothing was decided"):
        answered(desk, file_id)
    assert desk.do("SELECT state FROM app.approvals") == [("pending",)]
