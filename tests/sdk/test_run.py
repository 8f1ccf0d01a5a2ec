"""The Run as an agent meets it, against a broker on a socket."""

from datetime import UTC, datetime

import pytest

from agent_platform.sdk import AgentError, Emitted, Run
from agent_platform.sdk._outbox import LOG_LIMIT_TEXT, Outbox
from tests.contracts.benches import eventually
from tests.doubles.agent_broker import AgentBroker, Work


def test_the_run_knows_what_the_broker_told_it(run: Run) -> None:
    assert (run.id, run.attempt, run.subject, run.dry_run, run.cap_micro_usd) == (
        "the-run",
        1,
        "consumer-1",
        False,
        1_000_000,
    )
    assert run.deadline == datetime(2099, 1, 1, tzinfo=UTC)


def test_emit_sends_at_once_and_gives_the_brokers_answer(run: Run, work: Work) -> None:
    assert run.emit({"a": 1}, event="page", key="k")
    (event,) = work.events("items")
    assert (event["items"], event["event"], event["keys"]) == ([{"a": 1}], "page", ["k"])
    assert run.spent_micro_usd == 7


def test_emit_many_is_one_request_for_a_thousand_rows(run: Run, work: Work) -> None:
    assert run.emit_many({"n": n} for n in range(1000)) == Emitted(1000, 0, False)
    assert len(work.batches) == 1
    assert run.emit_many([{"n": n} for n in range(2500)]).accepted == 2500
    assert [len(event["items"]) for event in work.events("items")] == [1000, 1000, 1000, 500]


def test_emitting_nothing_is_true_and_sends_nothing(run: Run, work: Work) -> None:
    assert run.emit_many([])
    assert not work.batches


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"x": object()}, "not_json"),
        ({"x": float("nan")}, "not_json"),
        ([1], "item_invalid"),
        ({"x": "é" * 140_000}, "item_too_large"),
    ],
)
def test_a_row_that_cannot_be_stored_is_refused_with_its_reason(run: Run, work: Work, item: object, code: str) -> None:
    with pytest.raises(AgentError) as refusal:
        run.emit(item)
    assert refusal.value.code == code
    assert not work.batches


def test_log_lines_wait_for_each_other_and_keep_their_order(run: Run, work: Work) -> None:
    for number in range(250):
        run.log.info("line", n=number)
    eventually(lambda: len(work.said) == 250)
    assert [event["fields"]["n"] for event in work.events("log")] == list(range(250))
    assert [len(batch) for batch in work.batches] == [100, 100, 50]


def test_a_long_line_is_cut_visibly(run: Run, work: Work) -> None:
    run.log.error("ü" * 10_000)
    eventually(lambda: work.said)
    assert work.said[0].endswith(" … [line cut at 8 KiB]")
    assert len(work.said[0].encode()) <= 8192


def test_ten_mebibytes_of_log_end_with_one_marker() -> None:
    sent = []
    outbox = Outbox(lambda body: sent.append(body) or {}, lambda: None)
    for _ in range(1400):
        outbox.log("info", "x" * 8000, {})
    outbox.flush()
    assert sum(body.count(LOG_LIMIT_TEXT.encode()) for body in sent) == 1
    assert 10 * 2**20 < sum(map(len, sent)) < 11 * 2**20


def test_progress_is_sent_at_most_five_times_a_second_but_the_last_arrives(
    run: Run, work: Work, outbox: Outbox
) -> None:
    for number in range(1000):
        run.progress(number, 999, "ü")
    run.release_progress()
    outbox.flush()
    sent = work.events("progress")
    assert sent[-1]["done"] == 999
    assert len(sent) < 20


def test_a_refused_event_does_not_take_its_neighbours_with_it(run: Run, work: Work, outbox: Outbox) -> None:
    work.refuse["charge"] = "There is no event 'pgae'."
    run.log.info("before")
    with pytest.raises(AgentError, match="pgae") as refusal:
        run.charge("pgae")
    assert refusal.value.code == "refused"
    run.log.info("after")
    outbox.flush()
    assert work.said == ["before", "after"]


def test_what_the_cap_refused_is_false_and_counted(run: Run, work: Work) -> None:
    work.answer = {"outcomes": {"1": {"accepted": 1, "dropped": 2, "cap_reached": True}}, "cap_reached": True}
    emitted = run.emit_many([{}, {}, {}], event="page")
    assert (bool(emitted), emitted) == (False, Emitted(1, 2, True))


def test_values_are_kept_by_key_and_once_runs_once(run: Run, work: Work) -> None:
    key = "a/b ü?&%..#"
    run.kv.set(key, {"n": [1, None]})
    run.state.set("..", 2)
    assert (work.kv, work.state) == ({key: {"n": [1, None]}}, {"..": 2})
    assert run.kv.get(key) == {"n": [1, None]}
    assert run.kv.get("absent", "default") == "default"
    assert (run.once("step", lambda: None), run.once("step", lambda: 1 / 0)) == (None, None)
    assert run.kv.keys() == [key]
    assert run.kv.keys("b") == []
    run.kv.delete(key)
    run.kv.delete(key)
    assert run.kv.keys() == []


def test_files_are_streamed_both_ways(run: Run, work: Work) -> None:
    content = bytes(range(256)) * 4000
    run.files.put("größe & co.bin", content, "application/octet-stream")
    assert work.files == {"größe & co.bin": content}
    with run.files.open("größe & co.bin") as stream:
        assert stream.read(10) == content[:10]
        assert run.emit({"while": "a file is open"})
        assert stream.read() == content[10:]
    run.files.put("text.txt", "é")
    assert [line.decode() for line in run.files.open("text.txt")] == ["é"]


def test_a_file_that_is_not_there_or_not_plainly_named_is_refused(run: Run) -> None:
    with pytest.raises(FileNotFoundError, match="other"):
        run.files.open("other")
    for name in ("a/b", "..", "", "a\nb", "a\\b"):
        with pytest.raises(AgentError, match="plain file name"):
            run.files.put(name, b"")


def test_a_broker_that_is_busy_or_restarts_is_asked_again(run: Run, broker: AgentBroker, work: Work) -> None:
    broker.outages["events"] = 2
    assert run.emit({"n": 1})
    broker.stop()
    broker.start()
    assert run.emit({"n": 2})
    assert [event["items"] for event in work.events("items")] == [[{"n": 1}], [{"n": 2}]]
