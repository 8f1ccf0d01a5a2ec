"""An upload that no run took in its time is deleted, and nothing that is wanted is lost."""

import inspect
import re
import time

import pytest
from sqlalchemy import text

from agent_platform.core import objects
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.services import runs
from agent_platform.services.runs import _unused
from tests.factories import make_tenant
from tests.services.runs.desk import DAY, SWEPT, Desk, in_background, waits
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
