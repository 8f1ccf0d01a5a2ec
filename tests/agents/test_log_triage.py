"""Log Triage: timestamps, levels, folding, templates, spikes and the note."""

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

START = datetime(2026, 11, 14, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def triage(bundle):
    return bundle("mica-tools/log-triage")


@pytest.fixture
def read(triage):
    def run(content: str | bytes, **given):
        done = triage.run(given, files={"file": content.encode() if isinstance(content, str) else content})
        assert done.error is None, done.error
        return done

    return run


def note(run):
    return run.files["incident.md"].decode()


def templates(run):
    return [(item["level"], item["count"], item["template"]) for item in run.items]


def test_a_java_trace_is_one_entry_with_its_root_cause(read):
    run = read(
        "2026-11-14 06:12:05,000 ERROR Request 7 failed\n"
        "java.lang.IllegalStateException: order not saved\n\tat a.B.c(B.java:1)\n"
        "Caused by: java.sql.SQLException: pool is empty\n\tat d.E.f(E.java:2)\n\t... 12 more\n"
        "2026-11-14 06:12:06,000 INFO next\n"
    )
    assert run.result["entries"] == 2
    assert run.items[0]["template"] == "Request <num> failed | java.sql.SQLException"
    assert "pool is empty" in run.items[0]["example"]


def test_a_python_trace_without_timestamps_is_one_entry_named_by_what_was_raised(read):
    trace = 'Traceback (most recent call last):\n  File "a.py", line 7, in b\n    c()\nValueError: bad value 7\n'
    run = read(f"starting\n{trace}starting\n{trace}done\n")
    assert templates(run)[0] == ("error", 2, "ValueError: bad value <num>")
    assert run.result["entries"] == 5


def test_exceptions_on_lines_of_their_own_are_counted_one_by_one(read):
    trace = 'Traceback (most recent call last):\n  File "a.py", line 7, in b\nKeyError: 7\n'
    run = read("starting\n" + trace + "TypeError: x is undefined\n" * 5)
    assert ("error", 5, "TypeError: x is undefined") in templates(run)


def test_lines_without_a_timestamp_belong_to_the_one_before_when_most_have_one(read):
    run = read("2026-11-14T06:00:00Z INFO a\n2026-11-14T06:00:01Z INFO query:\nSELECT 1\n2026-11-14T06:00:02Z INFO b\n")
    assert run.result["entries"] == 3


def test_templates_of_one_shape_merge_and_others_do_not(read):
    lines = [f"INFO user {name} logged in from office" for name in ("ann", "bo", "cy", "dee")]
    lines += ["INFO cache is warm", "INFO cache is cold", "ERROR user ann logged in from office"]
    found = templates(read("\n".join(lines)))
    assert ("unknown", 4, "user <*> logged in from office") not in found
    assert ("info", 4, "user <*> logged in from office") in found
    assert ("error", 1, "user ann logged in from office") in found
    assert ("info", 2, "cache is <*>") in found


def test_access_logs_group_by_method_path_and_status(read):
    lines = [
        f'1.2.3.{n} - - [14/Nov/2026:06:00:{n:02} +0000] "GET /api/orders/{n}?q={n} HTTP/1.1" {200 if n % 4 else 500} 5 "-" "x"'
        for n in range(20)
    ]
    assert templates(read("\n".join(lines))) == [
        ("error", 5, "GET /api/orders/<*> 500"),
        ("info", 15, "GET /api/orders/<*> 200"),
    ]


def test_json_lines_logfmt_colours_and_compose_prefixes_are_understood(read):
    run = read(
        '{"time":"2026-11-14T06:00:00Z","level":"error","msg":"save failed","err":{"type":"DiskFull","message":"no space"}}\n'
        'time=2026-11-14T06:00:01Z level=warning msg="slow query" error="took 9 s"\n'
        "web-1  | 2026-11-14T06:00:02Z \x1b[32mINFO\x1b[0m started\n"
    )
    assert templates(run) == [
        ("error", 1, "save failed | DiskFull: no space"),
        ("warn", 1, "slow query: took <num> s"),
        ("info", 1, "started"),
    ]
    assert run.result["last_at"] == "2026-11-14T06:00:02Z"


def incident(minutes=60, per_minute=4, bad_from=30, bad_to=35, bad_per_minute=20):
    lines = []
    for minute in range(minutes):
        at = START + timedelta(minutes=minute)
        lines += [f"{at + timedelta(seconds=n):%Y-%m-%dT%H:%M:%SZ} INFO served {n}" for n in range(per_minute)]
        lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ} ERROR probe {minute} was late")
        if minute == bad_from - 2:
            lines.append(f"{at:%Y-%m-%dT%H:%M:%SZ} INFO release 7.1 deployed")
        if bad_from <= minute < bad_to:
            lines += [
                f"{at + timedelta(seconds=7 + n):%Y-%m-%dT%H:%M:%SZ} ERROR db {n} down" for n in range(bad_per_minute)
            ]
            lines += [f"{at + timedelta(seconds=40):%Y-%m-%dT%H:%M:%SZ} ERROR api fails"] * 9
    return "\n".join(lines)


def test_a_spike_is_measured_against_the_template_s_own_baseline(read):
    items = {item["template"]: item for item in read(incident()).items}
    # 60 minutes in windows of 5: "db" has 100 in one window and 0 in eleven; "probe" has 5 in each.
    assert (items["db <num> down"]["spike"], items["db <num> down"]["peak_count"]) == (100.0, 100)
    assert items["db <num> down"]["peak_at"] == "2026-11-14T06:30:00Z"
    assert (items["probe <num> was late"]["spike"], items["probe <num> was late"]["peak_count"]) == (1.0, 5)


def test_the_note_says_when_it_began_what_was_new_and_what_followed(read):
    run = read(incident())
    assert run.result["began_at"] == "2026-11-14T06:30:07Z"
    assert run.result["spikes"] == 2
    text = note(run)
    assert "**14 Nov 2026, 06:30:07 UTC** \N{EN DASH} `db <num> down` rose to 100 in 5 min, ordinarily none." in text
    assert "release 7.1 deployed" in text.partition("## First look")[2]
    assert "(after 33 s)" in text


def test_a_quiet_log_has_no_beginning(read):
    run = read(incident(bad_from=99))
    assert run.result["began_at"] is None
    assert "No error or warning rose" in note(run)


def test_a_log_without_timestamps_gives_counts_only(read):
    run = read("ERROR a b c\n" * 3 + "INFO d\n")
    assert [item["spike"] for item in run.items] == [None, None]
    assert "no timestamps" in note(run)
    assert "without timestamps" in note(run)


def test_years_of_minutes_get_wider_windows(read):
    run = read("\n".join(f"{START - timedelta(days=n):%Y-%m-%dT%H:%M:%SZ} INFO day {n}" for n in range(800)), window=1)
    assert run.result["window_minutes"] > 500
    assert len(note(run).partition("## Timeline")[2].splitlines()) < 70


def test_only_the_wanted_number_of_templates_is_shown_errors_first(read):
    run = read("\n".join(["INFO x"] * 9 + ["WARN y"] * 5 + ["ERROR z"]), top=2)
    assert [(item["rank"], item["level"]) for item in run.items] == [(1, "error"), (2, "warn")]
    assert run.result["templates"] == 3


def test_text_from_the_log_never_becomes_formatting_of_the_note(read):
    run = read("ERROR `rm` | <script>alert(1)</script>\n" + "ERROR ``` [x](javascript:alert(1))\n# Fake heading\n" * 3)
    text = note(run)
    assert "\n# Fake heading" not in text.partition("```text")[0]
    for line in text.splitlines():
        if "<script>" in line and not line.startswith("ERROR"):
            assert "`" in line.partition("<script>")[0]
    assert text.count("```") % 2 == 0


def test_a_bar_of_the_log_is_marked_only_where_it_would_end_a_cell(read):
    lines = note(read("2026-11-14T06:00:00Z ERROR save failed | no space\n" * 30)).splitlines()
    row = next(line for line in lines if "save failed" in line and line.startswith("| 1 "))
    assert row.count("failed \\|") == 1
    assert not [line for line in lines if "\\|" in line and not line.startswith("|")]


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"%PDF-1", b"PK\x03\x04", b"BZh9", b"\xfd7zXZ", gzip.compress(b"x" * 999, mtime=0)[:25]]
)
def test_what_is_no_log_is_the_consumer_s_to_change(triage, content):
    error = triage.run({}, files={"file": content}).error
    assert (error.failure_class, error.field) == ("input", "file")


def test_gzip_utf16_and_broken_bytes_are_read(read):
    text = "2026-11-14T06:00:00Z ERROR Köln down\n"
    assert read(gzip.compress(text.encode(), mtime=0)).items[0]["template"] == "Köln down"
    assert read(text.encode("utf-16")).items[0]["template"] == "Köln down"
    assert read(b"ERROR K\xf6ln \xff down\n").items[0]["count"] == 1


def test_a_line_without_end_does_not_fill_the_memory(read):
    run = read("ERROR " + "x" * 500_000)
    assert len(run.items[0]["example"]) <= 1_500


def test_two_hundred_thousand_lines_give_a_handful_of_templates(read):
    lines = (
        f"2026-11-14T{6 + n // 36_000:02}:{n // 600 % 60:02}:{n // 10 % 60:02}Z {('INFO', 'WARN')[n % 2]} worker-{n % 7} did job {n} in {n % 91} ms"
        for n in range(200_000)
    )
    run = read("\n".join(lines))
    assert run.result["entries"] == 200_000
    assert sorted(item["count"] for item in run.items) == [100_000, 100_000]


WORDS = st.lists(st.sampled_from(["a", "b", "c7", "12", "x=1", '"q', "{", "ERROR", "\x00", "é"]), max_size=8)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(WORDS, min_size=1, max_size=30))
def test_any_lines_are_counted_once_each(triage, rows):
    run = triage.run({"top": 500}, files={"file": "\n".join("z " + " ".join(words) for words in rows).encode()})
    assert sum(item["count"] for item in run.items) == run.result["entries"] == len(rows)


@settings(max_examples=60, deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["msg", "level", "time", "err", "k"]), inner, max_size=4)
        ),
        max_leaves=8,
    )
)
def test_any_json_line_is_one_entry(triage, value):
    run = triage.run({}, files={"file": f'{{"msg":"m","x":{json.dumps(value)}}}\n{json.dumps({"v": value})}'.encode()})
    assert run.error is None
    assert run.result["entries"] == 2
