"""Log Triage: what single lines say: when, how bad, and what varies in them."""

from datetime import UTC, datetime

import pytest


@pytest.fixture(scope="session")
def triage(bundle):
    return bundle("mica-tools/log-triage")


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock(triage):
    return triage.module("triage.timestamps").Clock(NOW)


MOMENT = datetime(2026, 11, 14, 6, 12, 5, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-11-14T06:12:05Z x", MOMENT),
        ("2026-11-14T06:12:05.250Z x", MOMENT + 0.25),
        ("2026-11-14 06:12:05,250 ERROR x", MOMENT + 0.25),
        ("[2026-11-14 06:12:05] x", MOMENT),
        ("2026/11/14 06:12:05 [error] 7#7: x", MOMENT),
        ("2026-11-14T07:12:05+01:00 x", MOMENT),
        ("2026-11-14T01:42:05-0430 x", MOMENT),
        ("<34>1 2026-11-14T06:12:05Z host app x", MOMENT),
        ("Nov 14 06:12:05 host sshd[7]: x", MOMENT),
        ("<13>Nov 14 06:12:05 host x", MOMENT),
        ("Dec 14 06:12:05 host x", datetime(2025, 12, 14, 6, 12, 5, tzinfo=UTC).timestamp()),
        ('203.0.113.9 - - [14/Nov/2026:07:12:05 +0100] "GET / HTTP/1.1" 200 5', MOMENT),
        ("[Sat Nov 14 06:12:05.123456 2026] [core:error] x", MOMENT + 0.123456),
        ("1794636725 x", 1794636725.0),
        ("1794636725.5 x", 1794636725.5),
        ("1794636725250 x", 1794636725.25),
        ("E1114 06:12:05.000001 7 file.go:9] x", MOMENT + 0.000001),
    ],
)
def test_timestamps_of_many_notations(clock, line, expected):
    assert clock.read(line)[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "line", ["no time at all", "2026-13-14T06:12:05Z", "Foo 14 06:12:05 host", "12345 x", "2026-11-14"]
)
def test_what_is_no_timestamp_is_left(clock, line):
    assert clock.read(line) is None


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("2026-11-14T06:12:05Z ERROR x", "error"),
        ("2026-11-14T06:12:05Z [main] WARN com.x - y", "warn"),
        ("[Sat Nov 14 06:12:05 2026] [core:error] x", "error"),
        ("2026/11/14 06:12:05 [crit] 7#7: x", "fatal"),
        ("2026-11-14T06:12:05Z level=debug msg=x", "debug"),
        ("error: could not open", "error"),
        ("E1114 06:12:05.000001 7 file.go:9] x", "error"),
        ("connection refused by peer", "warn"),
        ("ValueError raised", "error"),
        ("all is well with INFORMATION_SCHEMA and error_count", "unknown"),
        ('1.2.3.4 - - [14/Nov/2026:07:12:05 +0100] "GET /a HTTP/1.1" 503 5', "error"),
        ('1.2.3.4 - - [14/Nov/2026:07:12:05 +0100] "GET /a HTTP/1.1" 404 5', "warn"),
        ('1.2.3.4 - - [14/Nov/2026:07:12:05 +0100] "GET /error HTTP/1.1" 200 5', "info"),
        ('{"level":50,"time":1794636725250,"msg":"x"}', "error"),
        ('{"severity":"WARNING","message":"x"}', "warn"),
        ('{"log":"2 jobs failed","stream":"stderr"}', "warn"),
    ],
)
def test_levels_come_from_the_line_else_from_its_words(triage, line, level):
    assert triage.run({}, files={"file": line.encode()}).items[0]["level"] == level


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("took 12 ms and 3.5s of 99%", "took <num> ms and <num> of <num>"),
        ("user 550e8400-e29b-41d4-a716-446655440000 left", "user <uuid> left"),
        ("from 10.0.0.7:5432 to host", "from <ip> to host"),
        ("commit 9fceb02d0ae598e95dc970b74767f19372d61af8 at 0x7ffe", "commit <hex> at <hex>"),
        ("open /var/lib/data/file-7.bin now", "open <path> now"),
        ("said \"hello world\" and 'bye bye' it's", "said <str> and <str> it's"),
        ("get https://example.com/a?b=1 ok", "get <url> ok"),
        ("mail to ann@example.org sent", "mail to <email> sent"),
        ("on x86_64 with UTF-8 and worker-17", "on x86_64 with UTF-<num> and worker-<num>"),
        ("id=42, n=[7]", "id=<num>, n=[<num>]"),
        ("feedface deadbeef decade facade12", "feedface deadbeef decade <hex>"),
    ],
)
def test_what_varies_is_masked_and_words_stay(triage, message, masked):
    assert triage.module("triage.masking").mask(message) == masked
