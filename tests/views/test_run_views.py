"""Every view of the manifest, filled, empty, and with something missing."""

from datetime import UTC, datetime

import pytest

from agent_platform.core.ids import new_id
from agent_platform.models.run_records import RunFile
from agent_platform.models.runs import Run, RunState
from agent_platform.services.runs import Item
from agent_platform.views.run_chart import chart_of
from agent_platform.views.run_files import (
    MOST_DRAWN_BYTES,
    FileView,
    document_of,
    is_drawn,
    media_type_of,
    not_drawn,
)
from agent_platform.views.run_output import Shown, Slice, output_of
from agent_platform.views.run_views import chosen_view, views_of

NOW = datetime(2026, 11, 22, 6, 53, 24, tzinfo=UTC)
OUTPUT = {
    "item": {
        "properties": {
            "label": {"type": "string", "title": "Label"},
            "count": {"type": "integer", "title": "Entries"},
            "peak": {"type": "integer", "title": "Peak", "unit": "per min"},
            "day": {"type": "string", "format": "date"},
        }
    },
    "result": {"properties": {"lines": {"title": "Lines read", "unit": "lines"}, "errors": {"title": "Errors"}}},
    "files": [{"name": "incident.md", "title": "Incident note"}, {"name": "report.html", "title": "Report"}],
    "views": [
        {"id": "note", "title": "Incident note", "type": "markdown", "file": "incident.md"},
        {"id": "rows", "title": "Templates", "type": "table", "columns": ["label", "count"]},
        {"id": "tiles", "title": "Tiles", "type": "cards", "columns": ["label", "count", "peak"]},
        {"id": "bars", "title": "Entries", "type": "chart", "chart": "bar", "x": "label", "y": ["count", "peak"]},
        {"id": "days", "title": "By day", "type": "chart", "chart": "line", "x": "day", "y": ["count"]},
        {"id": "sums", "title": "Figures", "type": "figures", "fields": ["lines", "errors"]},
        {"id": "report", "title": "Report", "type": "file", "file": "report.html"},
        {"id": "files", "title": "All files", "type": "files"},
    ],
}
ROWS = [
    {"label": "disk full", "count": 7, "peak": 3, "day": "2026-11-20"},
    {"label": "disk full", "count": 2, "peak": None, "day": "2026-11-21"},
    {"label": "<a href='http://x'>login</a>", "count": 1, "day": "2026-11-22"},
]
INCIDENT = FileView("incident.md", "Incident note", "1 KB", "/download/incident.md")


def items(rows):
    return [Item(seq, row, 2_000, NOW) for seq, row in enumerate(rows, 1)]


def seen(shape, *, rows=ROWS, state=RunState.SUCCEEDED, result=None, files=(INCIDENT,), output=OUTPUT):
    run = Run(
        tenant_id=new_id(),
        agent_ref="mica-tools/log-triage",
        agent_name="Log Triage",
        version="1.0.0",
        memory_mb=512,
        timeout_seconds=600,
        idempotency_key="k",
        state=state,
        item_count=len(rows),
        result=result,
    )
    view = chosen_view(output, shape)
    drawn = chart_of(view, items(rows), output, total=run.item_count) if view.kind == "chart" else None
    return output_of(run, output, Slice(items(rows)), Shown(shape=shape), files=files, drawn=drawn)


def drawn(shape, rows=ROWS, total=None, output=OUTPUT):
    return chart_of(chosen_view(output, shape), items(rows), output, total=total or len(rows))


def test_each_view_is_a_tab_in_its_order_and_json_is_always_the_last():
    titles = ["Incident note", "Templates", "Tiles", "Entries", "By day", "Figures", "Report", "All files", "JSON"]
    assert [one.title for one in views_of(OUTPUT)] == titles
    assert [one.label for one in seen("").shapes] == titles
    assert (seen("").kind, seen("nonsense").shape) == ("markdown", "note")
    assert [one.title for one in views_of({})] == ["Rows", "JSON"]
    assert [one.id for one in views_of({"views": [{"id": "raw", "type": "json"}]})] == ["raw"]


def test_cards_have_a_heading_and_a_line_for_each_other_column():
    first = seen("tiles").rows[0]
    assert (first.heading, first.cells, first.charged.lead) == ("disk full", [], "$0.002")
    assert [(fact.label, fact.value) for fact in first.facts] == [("Entries", "7"), ("Peak, per min", "3")]


def test_figures_come_from_the_result_and_what_is_not_there_is_named():
    view = seen("sums", result={"lines": 1200})
    assert [(one.label, one.value, one.unit) for one in view.figures] == [
        ("Lines read", "1200", "lines"),
        ("Errors", "\N{EM DASH}", ""),
    ]
    assert view.said == "The agent did not return Errors."
    assert view.result == []


def test_a_bar_chart_has_a_place_for_each_row_and_a_name_for_each_line():
    chart = drawn("bars")
    first, second = chart.figure.data
    assert [(one.type, one.name) for one in chart.figure.data] == [("bar", "Entries"), ("bar", "Peak, per min")]
    assert list(first.x) == ["disk full", "disk full (2)", "&lt;a href='http://x'&gt;login&lt;/a&gt;"]
    assert (list(first.y), list(second.y)) == ([7, 2, 1], [3, None, None])
    assert chart.summary == "Entries: Entries and Peak, per min by Label, 3 rows."
    assert chart.twin.rows[1] == ["disk full", "2", "\N{EM DASH}"]
    assert (chart.said, chart.empty) == ("", "")


def test_a_line_chart_runs_over_days_or_numbers_as_they_are():
    days = drawn("days").figure
    assert (days.layout.xaxis.type, days.data[0].mode, next(iter(days.data[0].x))) == (
        "date",
        "lines+markers",
        "2026-11-20",
    )
    by_number = {"views": [{"id": "l", "type": "chart", "chart": "line", "x": "count", "y": ["count"]}]}
    assert list(drawn("l", output=by_number).figure.data[0].x) == [1, 2, 7]


def test_a_line_chart_of_one_day_names_that_day_instead_of_splitting_its_second():
    chart = drawn("days", [{"label": "a", "count": 4, "day": "2026-11-20"}]).figure
    assert (chart.layout.xaxis.type, list(chart.data[0].x), list(chart.layout.xaxis.ticktext)) == (
        "category",
        ["2026-11-20"],
        ["2026-11-20"],
    )


def test_a_chart_leaves_out_and_names_what_has_no_numbers():
    chart = drawn("bars", [{"label": "a", "count": 1, "peak": "many"}])
    assert [one.name for one in chart.figure.data] == ["Entries"]
    assert chart.said == "Without numbers and left out: Peak, per min."
    assert drawn("bars", [{"label": "a"}]).empty == "No row has a number in Entries and Peak, per min."
    assert drawn("bars", [{"count": 1}]).empty == "No row has Label, which this chart is drawn over."
    assert seen("bars", rows=[{"count": 1}]).empty_title == "Nothing to draw"


def test_a_chart_of_many_rows_says_how_many_it_shows():
    chart = drawn("bars", [{"label": f"row {n}", "count": n} for n in range(500)], total=12_000)
    assert len(chart.figure.data[0].x) == 500
    assert len(chart.figure.layout.xaxis.tickvals) <= 6
    assert "Drawn from the first 500 of 12,000 rows" in chart.said


def test_columns_that_no_row_has_are_named():
    assert seen("rows", rows=[{"label": "a"}]).said == "No row here has Entries."
    assert seen("rows").said == ""


@pytest.mark.parametrize(
    ("shape", "going_on", "ended"),
    [
        ("rows", "No rows yet", "The run has ended without a row."),
        ("tiles", "No rows yet", "The run has ended without a row."),
        ("bars", "No rows yet", "The run has ended without a row."),
        ("json", "No rows yet", "The run has ended without a row."),
        ("sums", "No figures yet", "The run has ended without a result."),
        ("note", "No incident.md yet", "The run has ended without this file."),
        ("report", "No report.html yet", "The run has ended without this file."),
        ("files", "No files yet", "The run has ended without a file."),
    ],
)
def test_a_view_with_nothing_says_whether_something_may_still_come(shape, going_on, ended):
    assert seen(shape, rows=[], files=(), state=RunState.RUNNING).empty_title == going_on
    assert seen(shape, rows=[], files=(), state=RunState.FAILED).empty == ended


@pytest.mark.sec
def test_markdown_is_drawn_clean_and_pages_of_agents_never():
    note = chosen_view(OUTPUT, "note")
    document = document_of(note, "incident.md", b"# Disk\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))")
    assert "<h1>Disk</h1>" in document.html
    assert "<script" not in document.html
    assert 'javascript:alert(1)"' not in document.html
    report = chosen_view(OUTPUT, "report")
    assert not is_drawn(report, "text/html; charset=utf-8")
    assert not is_drawn(report, "image/svg+xml")
    assert "never opened on this address" in not_drawn("report.html", "text/html").said
    assert "Download it" in not_drawn("chart.png", "image/png").said


def test_text_files_are_shown_as_text_and_long_ones_are_cut():
    report = chosen_view(OUTPUT, "report")
    assert is_drawn(report, "text/csv")
    assert document_of(report, "a.csv", "a,b\n<b>1</b>,é".encode()).text == "a,b\n<b>1</b>,é"
    long = document_of(report, "a.txt", b"x" * MOST_DRAWN_BYTES)
    assert (len(long.text), long.said) == (60_000, "This is its beginning; the download has all of it.")
    cut = document_of(report, "a.txt", ("é" * MOST_DRAWN_BYTES).encode()[: MOST_DRAWN_BYTES - 1] + "é".encode()[:1])
    assert cut.text.startswith("é")


def test_the_manifest_says_what_a_file_is_before_the_agent_does():
    run = new_id()
    found = RunFile(
        tenant_id=run, kind="output", name="a.txt", media_type="application/octet-stream", bytes=1, sha256=""
    )
    assert media_type_of(found, {"files": [{"name": "a.txt", "media_type": "text/plain"}]}) == "text/plain"
    assert media_type_of(found, {}) == "application/octet-stream"


def test_what_is_not_text_is_said():
    note = chosen_view(OUTPUT, "note")
    for content in (b"\x00\x01", b"\xff\xfe\xfa"):
        document = document_of(note, "incident.md", content)
        assert (document.html, document.text) == ("", "")
        assert "not plain text" in document.said
