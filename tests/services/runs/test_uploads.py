"""An upload stays with the first run that names it; one that no run took in its time is deleted, and nothing that is wanted is lost."""

import inspect
import json
import re
import threading
import time
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from agent_platform.core import objects
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.core.ids import shown
from agent_platform.services import runs
from agent_platform.services.runs import _unused
from tests.factories import make_tenant
from tests.services.runs.desk import DAY, INPUT, SWEPT, Desk
from workers import beat, jobs


@pytest.fixture
def desk(settings, database):
    return Desk(database)


def test_an_upload_that_no_run_took_is_deleted_with_its_bytes(desk):
    desk.send(age=SWEPT)
    young = desk.send(b"young", age="23 hours")
    assert len(desk.bytes_kept()) == 2
    assert desk.sweep() == 1
    assert desk.rows() == {young}
    assert len(desk.bytes_kept()) == 1
    assert desk.sweep() == 0


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


@pytest.mark.sec
def test_the_same_bytes_of_others_stay(desk):
    """Of a younger upload, of a run's output, of a bundle, and of another workspace."""
    content = {"upload": b"u", "output": b"o", "bundle": b"b", "neighbour": b"n"}
    other = make_tenant()
    for one in content.values():
        desk.send(one, age=SWEPT)
    desk.send(content["upload"])
    desk.send(content["neighbour"], tenant=other)
    run = desk.start(input={})
    folder = objects.tenant_folder(desk.consumer)
    with acting_as("broker"), tenant_session(desk.consumer) as session:
        stored = (objects.put_bytes(folder, content["output"]), 1)
        runs.store_output(session, run, name="o", media_type="text/plain", stored=stored)
    desk.build(content["bundle"])
    desk.let_pass("1 second")
    assert desk.sweep() == 4
    kept = {objects.read_bytes(folder, name) for name in desk.bytes_kept()}
    assert kept == {content["upload"], content["output"], content["bundle"]}
    assert len(desk.bytes_kept(other)) == 1


def test_bytes_that_were_stored_again_just_now_stay_for_their_row(desk):
    desk.send(age=SWEPT)
    objects.put_bytes(objects.tenant_folder(desk.consumer), b"a,b\n1,2\n")  # by somebody whose row comes yet
    assert desk.sweep() == 1
    assert len(desk.bytes_kept()) == 1


def test_a_sweep_that_is_cut_off_is_made_up_for(desk):
    """Bytes go first: nothing may name what is left, and the next sweep finds it."""
    file_id = desk.send(age=SWEPT)
    (name,) = desk.bytes_kept()
    objects.delete(objects.tenant_folder(desk.consumer), name)
    with pytest.raises(runs.RunInputInvalid):
        desk.start(input={"file": file_id})
    assert desk.sweep() == 1
    assert desk.rows() == set()


def test_however_many_are_due_all_go(desk):
    desk.send(age=SWEPT)
    desk.do(
        "INSERT INTO app.run_files (tenant_id, id, kind, name, media_type, bytes, sha256, expires_at)"
        " SELECT tenant_id, gen_random_uuid(), kind, name, media_type, bytes, sha256, expires_at FROM app.run_files, generate_series(1, %s)",
        2 * _unused.MOST_AT_ONCE,
    )
    assert desk.sweep() == 2 * _unused.MOST_AT_ONCE + 1
    assert desk.bytes_kept() == []


def test_one_workspace_that_fails_holds_up_no_other(desk):
    other = make_tenant()
    desk.send(age=SWEPT)
    desk.send(tenant=other, age=SWEPT)
    desk.do(
        "CREATE FUNCTION app.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF OLD.tenant_id = '{other}' THEN RAISE 'no'; END IF; RETURN OLD; END $$"
    )
    desk.do("CREATE TRIGGER refuse BEFORE DELETE ON app.run_files FOR EACH ROW EXECUTE FUNCTION app.refuse()")
    assert desk.sweep() == 1
    assert desk.do("SELECT tenant_id FROM app.run_files") == [(other,)]


def waits(desk):
    """Returns once somebody waits for a lock of another. Fails when nobody does."""
    for _ in range(200):
        if desk.do("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"):
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def in_background(work):
    """(thread, what it returned or raised)."""
    told = []

    def run():
        try:
            told.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            told.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, told


def test_a_sweep_beside_a_run_that_begins_waits_and_leaves_what_the_run_took(desk):
    """The run begins in the last moment of the file's day and has not committed when that is over."""
    file_id = desk.send()
    request = runs.RunRequest("maker", "counter", {"file": file_id}, "k")
    with tenant_session(desk.consumer) as session:
        session.execute(text("SELECT now()"))
        desk.do("UPDATE app.run_files SET expires_at = clock_timestamp() + interval '10 milliseconds'")
        runs.start(session, request, caller=desk.caller)
        time.sleep(0.05)
        assert desk.do("SELECT expires_at < now() FROM app.run_files") == [(True,)]  # as everybody else sees it
        thread, told = in_background(lambda: desk.sweep(settled_seconds=0))
        waits(desk)
    thread.join(10)
    assert told == [0]
    assert desk.do("SELECT expires_at FROM app.run_files") == [(None,)]
    assert len(desk.bytes_kept()) == 1


def test_a_run_that_begins_beside_a_sweep_waits_and_is_refused(desk):
    """The sweep has deleted the row and not committed: the run must not begin with a file that is about to be gone."""
    file_id = desk.send()
    with acting_as("worker"), tenant_session(desk.consumer) as session:
        assert session.execute(text("DELETE FROM app.run_files RETURNING id")).all()
        thread, told = in_background(lambda: desk.start(input={"file": file_id}))
        waits(desk)
    thread.join(10)
    assert isinstance(told[0], runs.RunInputInvalid)
    assert desk.do("SELECT count(*) FROM app.runs") == [(0,)]


def test_two_runs_with_the_same_files_in_another_order_wait_for_each_other_and_do_not_block(desk):
    """A run that has to wait for the first of its files, by id, holds none of the others, however its input has them."""
    first, second = sorted([desk.send(b"1"), desk.send(b"2")])
    desk.do(
        "UPDATE app.run_files SET name = name WHERE 'file_' || replace(id::text, '-', '') = %s", first
    )  # it lies behind
    lock = "SELECT 1 FROM app.run_files WHERE 'file_' || replace(id::text, '-', '') = %s FOR UPDATE NOWAIT"
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


@pytest.mark.sec
def test_a_worker_sees_of_other_workspaces_only_what_is_over(desk):
    desk.send(b"over", age=DAY)
    desk.send(b"young")
    seen, other = text("SELECT count(*) FROM app.run_files"), make_tenant()
    with acting_as("worker"), tenant_session(other) as session:
        assert session.execute(seen).scalar_one() == 1
        assert session.execute(text("DELETE FROM app.run_files RETURNING 1")).all() == []
        assert session.execute(text("UPDATE app.run_files SET expires_at = NULL RETURNING 1")).all() == []
    with tenant_session(other) as session:
        assert session.execute(seen).scalar_one() == 0


def test_a_daily_test_may_start_with_a_sample_it_has_just_stored(desk):
    """By the worker, whose rights to the row are its own."""
    with acting_as("worker"), tenant_session(desk.consumer) as session:
        kept = runs.store_upload(session, name="s", media_type="", chunks=[b"sample"], by=None)
        request = runs.RunRequest("maker", "counter", {"file": shown("file", kept.id)}, "k")
        runs.start(session, request, caller=desk.caller)
    assert desk.do("SELECT expires_at FROM app.run_files") == [(None,)]


def test_beat_asks_for_the_sweep_several_times_an_hour(desk):
    assert beat.DUTIES["uploads"][0] <= 1_200
    asked = re.findall(r'"workers\.jobs\.(\w+)"', inspect.getsource(beat))
    assert "sweep_uploads" in asked
    assert [name for name in asked if not hasattr(jobs, name)] == []
    desk.send(age=SWEPT)
    with acting_as("worker"):
        jobs.sweep_uploads()
    assert desk.rows() == set()


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
