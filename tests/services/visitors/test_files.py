"""A visitor's file: read by demos of its sender alone, bounded before it is stored, and gone with the demos that name it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import InputInvalid, TooLarge
from agent_platform.core.ids import shown
from agent_platform.services import runs, visitors
from agent_platform.services.visitors import _files
from tests.services.catalog.test_reports import suspend
from tests.services.visitors.stall import ADDRESS

INPUT = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "file", "title": "File"},
        "files": {"type": "array", "items": {"type": "string", "format": "file"}, "title": "Files"},
        "note": {"type": "string"},
        "notes": {"type": "array", "items": {"type": "string"}},
    },
}


@pytest.fixture
def counter(stall):
    """An agent that reads files and may be tried."""
    stall.change(demo=True, input=INPUT)
    return stall


def send(content=b"a,b\n1,2\n", *, name="orders.csv", address=ADDRESS, slug="counter", publisher="maker"):
    sent = {"name": name, "media_type": "text/csv", "chunks": [content]}
    return visitors.store_file(publisher=publisher, slug=slug, address=address, **sent).key


def test_a_demo_reads_the_file_that_its_visitor_chose(counter):
    key = counter.try_it({"file": send()})
    run = counter.begin(key)
    with acting_as("broker"), tenant_session(counter.consumer) as session:
        document = runs.hand_input(session, run_id=run.id, attempt=1).document
        assert [(one["name"], one["bytes"]) for one in document["files"]] == [("orders.csv", 8)]
        sha256, media_type = runs.input_file(session, run_id=run.id, attempt=1, name="orders.csv")
    assert media_type == "text/csv"
    assert counter.bytes_kept() == [sha256]


def test_several_files_are_named_and_the_same_one_again(counter):
    first, second = send(b"one"), send(b"two")
    run = counter.run_of(counter.try_it({"files": [first, second]}))
    assert len(set(run.input["files"])) == 2
    again = counter.run_of(counter.try_it({"files": [first]}))
    assert again.input["files"] == run.input["files"][:1]


def test_the_key_of_a_file_is_kept_nowhere(counter, god):
    key = send()
    run = counter.run_of(counter.try_it({"file": key}))
    everything = str(god.do("SELECT to_jsonb(u) FROM app.demo_uploads u")) + str(
        god.do("SELECT to_jsonb(r) FROM app.runs r")
    )
    assert key not in everything
    assert "203.0.113" not in everything
    assert run.input["file"].startswith("file_")


@pytest.mark.sec
@pytest.mark.parametrize("place", ["file", "files", "note", "notes"])
def test_no_id_that_comes_from_outside_leads_to_a_file(counter, god, place):
    run = counter.run_of(counter.try_it({"file": send(b"of somebody else")}))
    counter.finish_demo(counter.try_it({"note": "puts a file"}))
    for (file_id,) in god.do("SELECT id FROM app.run_files"):
        for name in (shown("file", file_id), shown("file", file_id).replace(file_id.hex, file_id.hex.upper())):
            given = {place: [name] if place.endswith("s") else name}
            with pytest.raises(visitors.DemoRefused, match="chosen in its own form"):
                counter.try_it(given, address="198.51.100.9")
    assert run.input["file"]


@pytest.mark.sec
@pytest.mark.parametrize("guess", ["", "x", "A" * 43, "file_", "' OR true --", "\ud800"])
def test_a_guessed_key_is_no_file_and_is_marked_at_its_field(counter, guess):
    send()
    with pytest.raises((visitors.DemoRefused, runs.RunInputInvalid)) as refused:
        counter.try_it({"file": guess})
    assert [one.path for one in refused.value.errors] == ["file"]
    assert "Choose it again" in refused.value.sentence


@pytest.mark.sec
def test_a_list_within_a_list_is_no_file(counter):
    with pytest.raises(runs.RunInputInvalid):
        counter.try_it({"files": [["x"], send()]})


@pytest.mark.sec
def test_a_file_is_for_demos_of_the_agent_it_was_sent_for(counter, god):
    key = send()
    god.do("UPDATE app.demo_uploads SET listing_id = gen_random_uuid()")
    with pytest.raises(visitors.DemoRefused, match="Choose it again"):
        counter.try_it({"file": key})


def test_an_agent_that_gives_no_demo_or_reads_no_file_takes_none(counter, god):
    counter.change(demo=True)
    with pytest.raises(visitors.DemoRefused, match="Counter takes no files"):
        send()
    counter.change(demo=False, input=INPUT)
    with pytest.raises(visitors.DemoRefused, match="offers no demo"):
        send()
    counter.change(demo=True, input=INPUT)
    with pytest.raises(Exception, match="There is no agent"):
        send(slug="nowhere")
    suspend(counter)
    with pytest.raises(Exception, match="mines coins"):
        send()
    assert god.do("SELECT count(*) FROM app.run_files") == [(0,)]
    assert counter.bytes_kept() == []


def test_a_megabyte_is_the_most_for_one_file_and_for_all_input_together(counter):
    with pytest.raises(TooLarge, match="larger than 1 MiB"):
        send(b"x" * ((1 << 20) + 1))
    with pytest.raises(InputInvalid, match="empty"):
        send(b"")
    half = send(b"x" * 600_000)
    with pytest.raises(visitors.DemoTooLarge, match="its files included; this has 1,2"):
        counter.try_it({"files": [half, send(b"y" * 600_000)]})
    with pytest.raises(visitors.DemoTooLarge):
        counter.try_it({"file": half, "note": "z" * 500_000})
    assert counter.try_it({"file": half})


def test_an_address_sends_ten_an_hour_however_many_at_once(counter, god):
    def one(number):
        try:
            return send(str(number).encode())
        except visitors.DemoLimit as limit:
            return limit

    with ThreadPoolExecutor(20) as pool:
        sent = list(pool.map(one, range(40)))
    assert len([key for key in sent if isinstance(key, str)]) == 10
    with pytest.raises(visitors.DemoLimit, match="10 files were sent from your address within an hour") as refused:
        visitors.refuse_file(publisher="maker", slug="counter", address=ADDRESS)
    assert "possible in 60 minutes; with an account you upload it now. Nothing was stored." in refused.value.sentence
    assert len(counter.bytes_kept()) == 10
    assert send(address="198.51.100.9")
    god.do("UPDATE app.demo_uploads SET created_at = created_at - interval '61 minutes'")
    assert send()


def test_who_may_start_no_demo_now_sends_no_file(counter):
    for _ in range(5):
        counter.finish_demo(counter.try_it({"note": "x"}))
    with pytest.raises(visitors.DemoLimit, match="5 demos were started from your address"):
        send()
    visitors.set_budget(visitors.Budget(0, 0))
    with pytest.raises(visitors.DemoLimit, match="used up"):
        send(address="198.51.100.9")


@pytest.mark.sec
@pytest.mark.parametrize("limit", ["AGENT_FILES_BYTES", "ALL_FILES_BYTES"])
def test_all_that_is_stored_has_an_end_from_however_many_addresses(counter, god, limit):
    send()
    most = getattr(_files, limit)
    god.do("UPDATE app.demo_uploads SET bytes = %s", most - (1 << 20) + 1)
    with pytest.raises(visitors.DemoLimit, match="as many files as are kept at once"):
        send(address="198.51.100.9")
    if limit == "AGENT_FILES_BYTES":
        god.do("UPDATE app.demo_uploads SET listing_id = gen_random_uuid()")
        assert send(address="198.51.100.9")


@pytest.mark.sec
def test_a_crowd_of_tiny_files_counts_as_what_they_take(counter, god):
    send(b"1")
    god.do(
        "INSERT INTO app.run_files (tenant_id, id, kind, name, media_type, bytes, sha256)"
        " SELECT tenant_id, gen_random_uuid(), 'input', 'tiny', '', 1, 'x' FROM app.run_files, generate_series(1, 1023)"
    )
    god.do(
        "INSERT INTO app.demo_uploads (tenant_id, id, listing_id, key_hash, address_hash, bytes, expires_at)"
        " SELECT f.tenant_id, f.id, u.listing_id, f.id::text, f.id::text, 1, u.expires_at FROM app.run_files f, app.demo_uploads u"
        " WHERE f.name = 'tiny'"
    )
    with pytest.raises(visitors.DemoLimit, match="as many files"):
        send(address="198.51.100.9")


def test_a_file_without_a_demo_is_gone_after_an_hour(counter, god):
    key = send()
    god.do("UPDATE app.demo_uploads SET expires_at = now() - interval '1 second'")
    with pytest.raises(visitors.DemoRefused, match="Choose it again"):
        counter.try_it({"file": key})
    counter.age_bytes()
    counter.sweep()
    assert god.do("SELECT count(*) FROM app.run_files") == god.do("SELECT count(*) FROM app.demo_uploads") == [(0,)]
    assert counter.bytes_kept() == []


def test_a_visitor_s_file_goes_by_the_rule_of_demos_alone(counter, god):
    """The sweep of other uploads would fail at the row that refers to it, and so leave what lies beside it."""
    send()
    assert god.do("SELECT expires_at FROM app.run_files") == [(None,)]
    with acting_as("worker"):
        assert runs.sweep_uploads() == 0
    assert god.do("SELECT count(*) FROM app.run_files") == [(1,)]


def test_a_file_stays_as_long_as_a_demo_that_names_it(counter, god):
    key = send()
    god.do("UPDATE app.demo_uploads SET expires_at = now() + interval '1 minute'")
    demo = counter.try_it({"file": key})
    assert god.do("SELECT (SELECT expires_at FROM app.demo_uploads) = (SELECT expires_at FROM app.demos)") == [(True,)]
    run = counter.finish_demo(demo)
    god.do("UPDATE app.demo_uploads SET expires_at = now()")
    god.age(61)
    counter.age_bytes()
    assert counter.sweep() == 1
    assert god.left_of(run.id) == []
    assert god.do("SELECT count(*) FROM app.run_files") == [(0,)]
    assert counter.bytes_kept() == []


def test_a_refused_demo_keeps_no_file_longer(counter, god):
    key = send()
    god.do("UPDATE app.demo_uploads SET expires_at = now() + interval '1 minute'")
    with pytest.raises(runs.RunInputInvalid):
        counter.try_it({"file": key, "unknown": 1})
    assert god.do("SELECT expires_at < now() + interval '2 minutes' FROM app.demo_uploads") == [(True,)]
