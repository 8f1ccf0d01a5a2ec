"""Data Profiler & Cleaner: what it makes of ordinary and of nasty tables."""

import csv
import io
import json
import re
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.fixture(scope="session")
def profiler(bundle):
    return bundle("openworks/data-profiler")


@pytest.fixture
def profile(profiler):
    def run(content: bytes | str, **given):
        return profiler.run(given, files={"file": content.encode() if isinstance(content, str) else content})

    return run


def columns(run):
    assert run.error is None, run.error
    return {item["column"]: item for item in run.items}


def cleaned(run):
    return list(csv.reader(io.StringIO(run.files["cleaned.csv"].decode(), newline="")))


def sentences(run):
    return " ".join(issue for item in run.items for issue in item["issues"])


def test_figures_of_ten_known_numbers(profile):
    # 1..9 and 100: sum 145; median between 5 and 6; 95 % at place 8.55 between 9 and 100: 9 + 0.55 x 91 = 59.05;
    # quartiles 3.25 and 7.75, so the fences are -3.5 and 14.5 and only 100 lies outside.
    item = columns(profile("n\n" + "1\n2\n3\n4\n5\n6\n7\n8\n9\n100"))["n"]
    assert (item["min"], item["max"], item["mean"], item["median"], item["p95"]) == (1, 100, 14.5, 5.5, 59.05)
    assert item["outliers"] == 1
    assert item["type"] == "integer"


def test_figures_agree_with_the_standard_library(profile):
    values = [((n * 7919) % 1009) / 8 for n in range(1, 2001)]
    item = columns(profile("v\n" + "\n".join(map(str, values))))["v"]
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    assert item["mean"] == pytest.approx(statistics.fmean(values), abs=1e-7)
    assert item["median"] == pytest.approx(statistics.median(values), abs=1e-7)
    assert item["p95"] == pytest.approx(cuts[94], abs=1e-7)


def test_empty_cells_words_for_nothing_and_distinct_values_are_counted(profile):
    item = columns(profile("a,b\nx,1\n,2\nN/A,3\n x ,4\nnull,5\ny,6\n"))["a"]
    assert (item["rows"], item["nulls"], item["null_share"], item["distinct"]) == (6, 3, 0.5, 2)
    assert item["top_values"][0] == {"value": "x", "count": 2}


def test_na_stays_among_two_letter_codes(profile):
    run = profile("country\nDE\nNA\nFR\nES\n")
    assert columns(run)["country"]["nulls"] == 0
    assert ["NA"] in cleaned(run)


@pytest.mark.parametrize("content", [b"", b"\n\n \n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_the_consumer_s_to_change(profile, content):
    error = profile(content).error
    assert (error.failure_class, error.field) == ("input", "file")
    assert "empty" in error.message


def test_only_a_header_gives_columns_without_rows(profile):
    run = profile("id,name\n")
    assert [item["type"] for item in run.items] == ["empty", "empty"]
    assert run.result["rows"] == 0
    assert cleaned(run) == [["id", "name"]]


def test_one_column_without_any_delimiter(profile):
    assert columns(profile("word\nalpha\nbeta\n"))["word"]["distinct"] == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(profile, delimiter):
    rows = [["id", "text", "n"], ["1", "a, b; c", "1.5"], ["2", "d", "2.5"], ["3", "e", "3.5"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    assert list(columns(profile(out.getvalue()))) == ["id", "text", "n"]


def test_quoted_line_breaks_stay_in_their_cell(profile):
    run = profile('a,b\n"one\ntwo, three",1\nfour,2\n')
    assert run.result["rows"] == 2
    assert cleaned(run)[1] == ["one\ntwo, three", "1"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_found(profile, codec):
    run = profile("name,city\nJürgen,Köln\nZoë,Orléans\n".encode(codec))
    assert list(columns(run)) == ["name", "city"]
    assert cleaned(run)[1] == ["Jürgen", "Köln"]


def test_broken_bytes_are_replaced_counted_and_told(profile):
    run = profile("name\nJürgen\nKöln\nZoë\nbad ".encode() + b"\xff" + b"\n")
    assert run.result["encoding"] == "UTF-8"
    assert any("not valid UTF-8" in note for note in run.result["notes"])
    assert "broken letters" in sentences(run)


def test_unicode_survives(profile):
    run = profile("名前,emoji\n山田太郎,🙂\n한국어,👩‍👩‍👧\n")
    assert cleaned(run) == [["名前", "emoji"], ["山田太郎", "🙂"], ["한국어", "👩‍👩‍👧"]]


def test_ragged_rows_lose_nothing(profile):
    run = profile("a,b\n1,2\n3\n4,5,6\n7,8\n")
    assert run.result["ragged_rows"] == 2
    assert cleaned(run)[0] == ["a", "b", "column_3"]
    assert cleaned(run)[3] == ["4", "5", "6"]


def test_repeated_and_blank_names_become_distinct(profile):
    assert list(columns(profile("a,a,,a_2\n1,2,3,4\n"))) == ["a", "a_2", "column_3", "a_2_2"]


def test_rows_equal_after_cleaning_are_written_once(profile):
    run = profile("a,b\n1,x\n 1 ,x\n1,y\n1,x\n")
    assert run.result["duplicates"] == 2
    assert cleaned(run) == [["a", "b"], ["1", "x"], ["1", "y"]]


def test_a_few_wrong_cells_are_named_and_kept(profile):
    run = profile("n\n" + "\n".join(str(n) for n in range(1, 20)) + "\nfive\n")
    assert columns(run)["n"]["type"] == "integer"
    assert "1 cell is not a number: 'five'." in sentences(run)
    assert cleaned(run)[-1] == ["five"]


FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\uff1d1+1", "+49 151 123"]


def test_formulas_cannot_run_from_the_cleaned_file(profile):
    out = io.StringIO()
    csv.writer(out).writerows([["=name()", "n"], *([formula, "-5"] for formula in FORMULAS)])
    run = profile(out.getvalue())
    rows = cleaned(run)
    assert rows[0][0] == "'=name()"
    assert [row[0] for row in rows[1:]] == [f"'{formula}" for formula in FORMULAS]
    assert rows[1][1] == "-5"
    assert "like a spreadsheet formula" in sentences(run)


def test_html_in_cells_and_names_stays_text_in_the_report(profile):
    run = profile('<script>alert(1)</script>,b\n"<img src=x onerror=alert(1)>","&lt;"\n')
    report = run.files["report.html"].decode()
    assert "<script" not in report
    assert "<img" not in report
    assert "&lt;img src=x" in report
    assert "default-src 'none'" in report
    assert not re.search(r"https?://", report)


def test_without_cleaning_there_is_a_report_only(profile):
    run = profile("a\n1\n1\n", clean=False)
    assert set(run.files) == {"report.html"}
    assert run.result["duplicates"] == 1


def test_a_sample_reads_only_the_first_rows(profile):
    run = profile("a\n" + "\n".join(map(str, range(100))), sample=10)
    assert run.result["rows"] == 10
    assert columns(run)["a"]["max"] == 9


def test_without_a_header_the_first_row_counts(profile):
    run = profile("1,x\n2,y\n", header=False)
    assert list(columns(run)) == ["column_1", "column_2"]
    assert run.result["rows"] == 2


def test_a_header_of_numbers_is_questioned(profile):
    assert any("Header row" in note for note in profile("1,2\n3,4\n").result["notes"])


def test_json_arrays_lines_and_wrapped_arrays_read_the_same(profile):
    rows = [{"id": 1, "who": {"name": "Ann"}, "tags": ["a", "b"]}, {"id": 2, "who": {"name": "Bo"}, "ok": True}]
    shapes = [json.dumps(rows), "\n".join(map(json.dumps, rows)), json.dumps({"meta": {}, "rows": rows})]
    for run in map(profile, shapes):
        assert list(columns(run)) == ["id", "who.name", "tags", "ok"]
        assert cleaned(run)[2] == ["2", "Bo", "", "true"]


def test_json_numbers_lose_no_digit(profile):
    run = profile('[{"n": 0.1000, "id": 12345678901234567890}]')
    assert cleaned(run)[1] == ["0.1000", "12345678901234567890"]


@pytest.mark.parametrize("content", ['[{"a": 1', "[{a: 1}]", "[" * 100_000, '{"a"', "[]"])
def test_damaged_json_is_the_consumer_s_to_change(profile, content):
    assert profile(content).error.failure_class == "input"


def test_half_a_surrogate_does_not_stop_the_file(profile):
    assert cleaned(profile('[{"a": "x\\ud800y"}]'))[1] == ["x?y"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0rest", ".xls"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x03\x04broken", ".xlsx"),
    ],
)
def test_foreign_formats_are_named(profile, content, word):
    assert word in profile(content).error.message


def test_a_quote_that_never_closes_is_named_with_its_line(profile):
    run = profile('a,b\n1,"open\n' + "x" * 1_100_000)
    assert run.error.failure_class == "input"
    assert "quote" in run.error.message


def test_too_many_columns_are_refused(profile):
    assert "2,000" in profile(",".join(f"c{n}" for n in range(2001)) + "\n").error.message


def test_a_table_that_does_not_fit_names_a_sample_that_does(profiler):
    module = profiler.module("profiler.table")
    table = module.Table(budget_bytes=3_000_000)
    with pytest.raises(
        profiler.module("profiler.limits").TooLarge, match=r"12,000 rows were read\. Set Sample rows to 9,000\."
    ):
        table.fill(([str(number)] for number in range(30_000)), width=1)


def test_ten_thousand_rows_of_twelve_columns(profile):
    lines = [",".join(f"{(row * column) % 977}" for column in range(1, 13)) for row in range(10_000)]
    run = profile(",".join(f"c{n}" for n in range(12)) + "\n" + "\n".join(lines))
    assert len(run.items) == 12
    assert run.result["rows"] == 10_000
    assert run.progress[-1].done == run.progress[-1].total == 12


def test_the_rows_arrive_in_the_order_of_the_columns_with_keys_that_allow_a_second_attempt(profile):
    assert [item["column"] for item in profile("c,a,b\n1,2,3\n").items] == ["c", "a", "b"]


CELLS = st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=8))
def test_any_table_gives_valid_rows_and_a_harmless_file(profiler, rows):
    out = io.StringIO()
    csv.writer(out).writerows([["first", "second"], *rows])
    run = profiler.run({}, files={"file": out.getvalue().encode()})
    assert run.error is None
    for item in run.items:
        assert item["nulls"] + sum(top["count"] for top in item["top_values"]) <= item["rows"]
    for row in cleaned(run):
        for cell in row:
            assert not re.match("[=@+\uff1d\uff0b\uff0d\uff20\t\r]", cell)
