"""`run_agent`, the test bench of agent authors."""

import json
import logging
import sys
from pathlib import Path

import pytest

from agent_platform.sdk import AgentError, InputError, Run, UpstreamError, agent
from agent_platform.sdk.testing import Charge, Line, run_agent


@agent
def count_lines(run: Run) -> dict:
    with run.files.open(run.input["table"]) as stream:
        for number, line in enumerate(stream):
            if not run.emit({"text": line.decode().strip()}, event="line", key=str(number)):
                break
    return {"lines": number, "spent": run.spent_micro_usd}


def test_a_file_field_is_filled_and_rows_are_charged_to_the_cap() -> None:
    done = run_agent(
        count_lines, {}, files={"table": b"a\nb\nc\n"}, prices={"line": 4}, cap_micro_usd=9, kv={}, state={}
    )
    assert done.items == [{"text": "a"}, {"text": "b"}]
    assert done.charges == [Charge("line", 1, "0", 4), Charge("line", 1, "1", 4)]
    assert (done.result, done.spent_micro_usd, done.error) == ({"lines": 2, "spent": 8}, 8, None)


def test_a_file_may_be_given_by_path_and_opened_by_name(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x")
    done = run_agent(lambda run: run.files.open("data.csv").read().decode(), {}, files={"table": tmp_path / "data.csv"})
    assert done.result == "x"


def test_a_file_has_the_name_under_which_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(b"a")

    def names(run: Run) -> object:
        return [run.files.name(run.input["table"]), run.files.name("notes.md"), run.files.name("unknown")]

    done = run_agent(names, {}, files={"table": tmp_path / "orders.csv", "notes.md": b"b"})
    assert done.result == ["orders.csv", "notes.md", "unknown"]


def test_the_same_key_is_stored_and_charged_once() -> None:
    def twice(run: Run) -> list[bool]:
        return [bool(run.emit({"n": n}, event="row", key="same")) for n in (1, 2)] + [
            bool(run.charge("call", 3, key="k")) for _ in range(2)
        ]

    done = run_agent(twice, {}, prices={"row": 1, "call": 2})
    assert (done.result, done.items) == ([True] * 4, [{"n": 1}])
    assert done.spent_micro_usd == 7


def test_an_event_without_a_price_is_an_error_that_names_the_known_ones() -> None:
    done = run_agent(lambda run: bool(run.emit({}, event="pgae")), {}, prices={"page": 1})
    assert done.error
    assert (done.error.failure_class, done.error.code) == ("agent", "event_unknown")
    assert "'pgae' (it has: page)" in done.error.message


def test_print_logging_and_stderr_are_log_lines() -> None:
    def speak() -> None:
        print("out")
        print("err", file=sys.stderr)
        logging.getLogger("quiet").error("bad %s", 1)
        sys.stdout.buffer.write(b"raw\n")

    lines = run_agent(speak, {}).logs
    assert Line("info", "out", {}) in lines
    assert Line("warn", "err", {}) in lines
    assert Line("info", "raw", {}) in lines


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (AgentError("No.", retryable=True), ("agent", "agent_error", "No.", True, None)),
        (InputError("url", "Not a URL."), ("input", "input_error", "Not a URL.", False, "url")),
        (UpstreamError("Away."), ("upstream", "upstream_error", "Away.", True, None)),
        (ValueError("odd"), ("agent", "agent_error", "ValueError: odd", True, None)),
        (OSError(28, "full"), ("agent", "disk_full", "OSError: [Errno 28] full", True, None)),
        (MemoryError(), ("agent", "out_of_memory", "MemoryError: ", True, None)),
        (BlockingIOError(11, "no"), ("agent", "too_many_processes", "BlockingIOError: [Errno 11] no", True, None)),
        (
            RuntimeError("can't start new thread"),
            ("agent", "too_many_processes", "RuntimeError: can't start new thread", True, None),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_an_agent_raises_is_told_by_class(raised: Exception, expected: tuple) -> None:
    def fail(run: Run) -> None:
        raise raised

    error = run_agent(fail, {}).error
    assert error
    assert error[:5] == expected
    assert ("in fail" in error.traceback) is not isinstance(raised, InputError)


def test_a_traceback_holds_frames_of_the_agent_alone() -> None:
    def fail(run: Run) -> None:
        json.loads("{")

    error = run_agent(fail, {}).error
    assert error
    assert error.traceback.count("  File ") == 1
    assert "in fail" in error.traceback


def test_what_the_person_has_to_change_has_no_traceback() -> None:
    def fail(run: Run) -> None:
        raise InputError("colour", "Choose red or blue.")

    error = run_agent(fail, {}).error
    assert error
    assert (error.message, error.traceback) == ("Choose red or blue.", "")


def test_a_result_that_is_not_json_is_the_agents_error() -> None:
    error = run_agent(lambda: {1, 2}, {}).error
    assert error
    assert error.message.startswith("The returned value cannot be written as JSON")


def test_files_progress_and_keys_are_kept() -> None:
    def work(run: Run) -> object:
        run.files.put("a.txt", "é", "text/plain")
        run.state.set("seen", run.state.get("seen") + 1)
        run.progress(1, 2, "half")
        run.progress(2, 2)
        return [run.state.keys(), run.files.open("a.txt").read().decode()]

    done = run_agent(work, {}, state={"seen": 1})
    assert done.result == [["seen"], "é"]
    assert done.files == {"a.txt": "é".encode()}
    assert done.progress[-1][:2] == (2, 2)


def test_hosts_answer_from_recorded_replies() -> None:
    def read(run: Run) -> object:
        page = run.http.get("https://example.com/")
        missing = run.http.get("https://example.com/gone")
        sent = run.http.post("https://example.com/echo", b"\x00\xff")
        try:
            run.http.get("https://down.example/")
        except UpstreamError as error:
            down = error.text
        return [page.json(), missing.status, missing.text, sent.content == b"\x00\xff", sent.headers["x-a"], down]

    done = run_agent(
        read,
        {},
        replies={
            "GET https://example.com/": {"ok": True},
            "https://example.com/gone": (404, "none"),
            "POST https://example.com/echo": lambda request: (200, {"X-A": "1"}, request.body),
            "https://down.example/": UpstreamError("Away."),
        },
    )
    assert done.error is None, done.error
    assert done.result == [{"ok": True}, 404, "none", True, "1", "Away."]
    assert [request.method for request in done.requests] == ["GET", "GET", "POST", "GET"]


def test_what_has_no_reply_is_an_error_that_names_it() -> None:
    error = run_agent(lambda run: run.http.get("https://x.example/").status, {}, replies={"agent a/b": {}}).error
    assert error
    assert "'GET https://x.example/' (there are: agent a/b)" in error.message


def ask(run: Run) -> object:
    run.log.info("asking")
    decision = run.approval.request("send", "Send?", {"n": 1}, role="admin")
    return [bool(decision), decision.by, decision.comment, decision.data]


def test_a_question_without_a_reply_ends_the_attempt_and_with_one_is_answered() -> None:
    waits = run_agent(ask, {})
    assert (waits.result, waits.error, waits.waiting) == (None, None, waits.questions[0])
    assert waits.waiting[:2] == ("send", "Send?")
    assert [line.text for line in waits.logs] == ["asking"]
    assert run_agent(ask, {}, {"approval send": True}).result == [True, "Test Person", "", {}]
    no = run_agent(ask, {}, {"approval send": {"approved": False, "by": "Mara", "comment": "No.", "data": {"a": 1}}})
    assert (no.result, no.waiting) == ([False, "Mara", "No.", {"a": 1}], None)


def test_other_agents_answer_from_recorded_replies_once_for_each_key() -> None:
    def call(run: Run) -> object:
        first = run.agents.call("a/adder", {"n": 1}, 1_000, key="k")
        again = run.agents.call("a/adder", {"n": 1}, 1_000, key="k")
        failed = run.agents.call("a/broken", {}, 1_000, key="b")
        return [first.result, again.run_id == first.run_id, bool(failed), failed.error, failed.cost_micro_usd]

    broken = {"state": "failed", "error": {"code": "agent_error"}, "cost_micro_usd": 7}
    done = run_agent(call, {}, {"agent a/adder": lambda call: {"sum": call.input["n"] + 1}, "agent a/broken": broken})
    assert done.result == [{"sum": 2}, True, False, {"code": "agent_error"}, 7]
    assert [call.key for call in done.calls] == ["k", "k", "b"]


def test_a_dry_run_reads_and_writes_nothing_outside() -> None:
    def work(run: Run) -> object:
        read = run.http.get("https://example.com/").text
        written = run.http.post("https://example.com/", "x")
        child = run.agents.call("a/b", {}, 1, key="k")
        return [read, written.status, written.dry_run, bool(child), bool(run.approval.request("k", "t"))]

    done = run_agent(work, {}, {"GET https://example.com/": "hello"}, dry_run=True)
    assert done.result == ["hello", 202, True, True, True]


def test_state_is_updated_over_the_version_that_was_read() -> None:
    def count(run: Run) -> object:
        return [run.state.update("n", lambda n: n + 1, default=0) for _ in range(2)]

    done = run_agent(count, {}, state={"n": 4})
    assert (done.result, done.state) == ([5, 6], {"n": 6})
