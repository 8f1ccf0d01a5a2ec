"""Data Profiler & Cleaner: numbers, dates and codes in the notations people use."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="session")
def profiler(bundle):
    return bundle("openworks/data-profiler")


@pytest.fixture
def profile(profiler):
    return lambda content: profiler.run({}, files={"file": content.encode()})


def columns(run):
    assert run.error is None, run.error
    return {item["column"]: item for item in run.items}


def cleaned(run):
    return list(csv.reader(io.StringIO(run.files["cleaned.csv"].decode(), newline="")))


def test_codes_are_never_made_numbers(profile):
    run = profile("zip,iban\n00123,12345678901234567890\n01234,12345678901234567891\n99999,12345678901234567892\n")
    assert {item["type"] for item in run.items} == {"text"}
    assert cleaned(run)[1] == ["00123", "12345678901234567890"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["1,234.50", "2,000.00", "-3.25"], ["1234.50", "2000.00", "-3.25"]),
        (["1.234,50", "2.000,00", "-3,25"], ["1234.50", "2000.00", "-3.25"]),
        (["1 234,5", "20 000,5", "3,5"], ["1234.5", "20000.5", "3.5"]),
        (["€ 5", "€ 1,200", "€ 7.50"], ["5", "1200", "7.50"]),
        (["5 %", "12%", "7 %"], ["5", "12", "7"]),
        (["(5)", "7", "9"], ["-5", "7", "9"]),
        (["1e3", "2.5E-2", "7"], ["1e3", "2.5E-2", "7"]),
        (["\u22125", "+7", ".5"], ["-5", "7", "0.5"]),
    ],
)
def test_numbers_in_many_notations_become_plain(profile, written, expected):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([["k", "n"], *([str(n), cell] for n, cell in enumerate(written))])
    run = profile(out.getvalue())
    assert columns(run)["n"]["type"] in {"number", "integer"}
    assert [row[1] for row in cleaned(run)[1:]] == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["2026-11-14", "2026/1/2"], ["2026-11-14", "2026-01-02"]),
        (["14.11.2026", "03.04.2026"], ["2026-11-14", "2026-04-03"]),
        (["11/14/2026", "03/04/2026"], ["2026-11-14", "2026-03-04"]),
        (["14/11/2026", "03/04/2026"], ["2026-11-14", "2026-04-03"]),
        (["03/04/2026", "05/06/2026"], ["03/04/2026", "05/06/2026"]),
        (["14 Nov 2026", "November 3, 2026"], ["2026-11-14", "2026-11-03"]),
        (["2026-11-14 08:12", "2026-11-14T08:12:30Z"], ["2026-11-14T08:12:00", "2026-11-14T08:12:30Z"]),
        (["11/14/2026 3:05 PM", "11/15/2026 12:00 AM"], ["2026-11-14T15:05:00", "2026-11-15T00:00:00"]),
    ],
)
def test_dates_in_many_notations_become_iso_unless_they_are_ambiguous(profile, written, expected):
    out = io.StringIO()
    csv.writer(out).writerows([["k", "d"], *([str(n), cell] for n, cell in enumerate(written))])
    run = profile(out.getvalue())
    assert columns(run)["d"]["type"] in {"date", "datetime"}
    assert [row[1] for row in cleaned(run)[1:]] == expected


def test_dates_that_never_were_are_no_dates(profile):
    run = profile("d\n30.02.2026\n29.02.2025\n31.04.2026\n")
    assert columns(run)["d"]["type"] == "text"


@settings(max_examples=100, deadline=None)
@given(value=st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_a_number_means_the_same_in_every_notation(profiler, value):
    read = profiler.module("profiler.values").read_number
    english = f"{value:,}"
    german = english.translate(str.maketrans(",.", ".,"))
    french = english.replace(",", "\u202f").replace(".", ",")
    assert read(english, comma=False).value == float(value)
    assert read(german, comma=True).value == float(value)
    assert read(french, comma=True).value == float(value)
