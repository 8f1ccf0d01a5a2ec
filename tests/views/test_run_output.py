"""Rows, values and log lines become plain text, whatever an agent put into them."""

from datetime import UTC, datetime

import pytest

from agent_platform.core.ids import new_id
from agent_platform.models.run_records import RunFile
from agent_platform.models.runs import Run
from agent_platform.services import runs
from agent_platform.services.runs import Item
from agent_platform.views.run_cells import NOTHING, cell_text
from agent_platform.views.run_files import files_of
from agent_platform.views.run_log import log_lines
from agent_platform.views.run_output import Shown, Slice, output_of

NOW = datetime(2026, 11, 22, 6, 53, 24, tzinfo=UTC)
OUTPUT = {
    "item": {
        "properties": {
            "path": {"type": "string", "title": "Path"},
            "bytes": {"type": ["integer", "null"], "title": "Weight", "unit": "bytes"},
        }
    },
    "result": {"properties": {"pages": {"title": "Pages read"}}},
    "views": [{"id": "pages", "title": "Pages", "type": "table", "columns": ["path", "bytes"]}],
}


def run_of(**changes):
    values = {
        "tenant_id": new_id(),
        "agent_ref": "openworks/site-auditor",
        "agent_name": "Site Auditor",
        "version": "1.0.0",
        "memory_mb": 512,
        "timeout_seconds": 600,
        "idempotency_key": "k",
        "item_count": 3,
    }
    return Run(**{**values, **changes})


def items(*payloads, amount=2_000):
    return [Item(seq, payload, amount, NOW) for seq, payload in enumerate(payloads, 1)]


PAGE = Slice(items({"path": "/b", "bytes": 20}, {"path": "/a", "bytes": None}, {"path": "/c", "bytes": 3}), first=1)


def texts(view):
    return [[cell.text for cell in row.cells] for row in view.rows]


def test_columns_come_from_the_first_table_view_with_titles_of_the_schema():
    view = output_of(run_of(), OUTPUT, PAGE, Shown())
    assert [(column.title, column.numeric) for column in view.columns] == [("Path", False), ("Weight, bytes", True)]
    assert view.title == "Pages"
    assert texts(view) == [["/b", "20"], ["/a", NOTHING], ["/c", "3"]]
    assert view.rows[0].charged.lead + view.rows[0].charged.tail == "$0.002000"


def test_without_a_schema_columns_are_the_names_found():
    view = output_of(run_of(), {}, Slice(items({"a": 1}, {"b": "x", "a": 2})), Shown())
    assert [(column.title, column.numeric) for column in view.columns] == [("A", True), ("B", False)]
    assert texts(view) == [["1", NOTHING], ["2", "x"]]


def test_rows_are_sorted_and_found_within_their_page_and_empty_cells_come_last():
    assert [row[0] for row in texts(output_of(run_of(), OUTPUT, PAGE, Shown(sort="bytes")))] == ["/c", "/b", "/a"]
    view = output_of(run_of(), OUTPUT, PAGE, Shown(find="/A"))
    assert texts(view) == [["/a", NOTHING]]
    assert "1 of them" in view.words


def test_a_column_nobody_declared_cannot_be_sorted_by():
    assert [row[0] for row in texts(output_of(run_of(), OUTPUT, PAGE, Shown(sort="secret")))] == ["/b", "/a", "/c"]


def test_the_page_says_which_rows_it_holds():
    view = output_of(run_of(item_count=83), OUTPUT, Slice(PAGE.items, first=26, has_next=True), Shown())
    assert view.words.startswith("Rows 26\N{EN DASH}28 of 83.")
    assert (view.has_previous, view.has_next) == (True, True)


def test_rows_without_a_price_show_no_column_of_charges():
    assert not output_of(run_of(), OUTPUT, Slice(items({"path": "/"}, amount=0)), Shown()).is_priced


def test_json_shows_the_same_page():
    view = output_of(run_of(), OUTPUT, PAGE, Shown(shape="json"))
    assert '"path": "/b"' in view.json_text
    assert output_of(run_of(), OUTPUT, PAGE, Shown(shape="nonsense")).shape == "pages"


def test_the_result_is_told_by_its_titles():
    view = output_of(run_of(result={"pages": 83, "too_slow": ["a", "b"]}), OUTPUT, Slice(), Shown())
    assert [(fact.label, fact.value) for fact in view.result] == [("Pages read", "83"), ("Too slow", "a, b")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, NOTHING),
        ("", NOTHING),
        ([], NOTHING),
        (True, "yes"),
        (0, "0"),
        (0.1 + 0.2, "0.3"),
        ("a\nb", "a b"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}x", "<U+202E>x"),
        ("\x1b[2Jx", "x"),
        ("<script>", "<script>"),
        ({}, NOTHING),
        ({"a": 1, "b": False}, "a: 1, b: no"),
        ({"a": [1]}, '{"a": [1]}'),
        (["a", ["b"]], '["a", ["b"]]'),
    ],
)
def test_cells_are_one_line_of_visible_text(value, text):
    assert cell_text(value) == text


def test_a_long_cell_is_cut():
    assert len(cell_text("x" * 5_000)) == 300


def test_files_lead_to_their_downloads_by_name():
    run = run_of(id=new_id())
    found = RunFile(
        tenant_id=run.tenant_id, kind="output", name="a b/é.csv", media_type="text/csv", bytes=1_900_000, sha256=""
    )
    view = files_of(run, [found], {"files": [{"name": "a b/é.csv", "title": "Table"}]})[0]
    assert (view.title, view.size) == ("Table", "1.9 MB")
    assert view.href == f"/download/runs/run_{run.id.hex}/files/a%20b%2F%C3%A9.csv"


def log_of(*lines):
    return [
        runs.LogLine(seq, f"2026-11-22T06:52:{seq:02}.120+00:00", level, text, 1)
        for seq, (level, text) in enumerate(lines, 1)
    ]


def test_log_lines_are_filtered_by_level_and_words():
    lines = log_of(("info", "start"), ("warn", "Slow page"), ("error", "broken"), ("debug", "x"))
    assert [line.text for line in log_lines(lines, zone=UTC, level="warn")] == ["Slow page", "broken"]
    assert [line.text for line in log_lines(lines, zone=UTC, find="slow")] == ["Slow page"]
    assert next((line.time, line.level) for line in log_lines(lines, zone=UTC)) == ("06:52:01.120", "INFO")


def test_a_log_line_cannot_move_the_cursor_or_claim_a_level_or_time():
    seen = log_lines([runs.LogLine(1, "\x1bnever", "<b>", "\x1b[2Ja\N{ZERO WIDTH SPACE}b", 2)], zone=UTC)[0]
    assert (seen.level, seen.text, seen.source) == ("INFO", "a<U+200B>b", "try 2")
    assert "\x1b" not in seen.time


def test_only_the_last_five_hundred_lines_are_kept():
    assert len(log_lines(log_of(*[("info", "x")] * 700), zone=UTC)) == 500
