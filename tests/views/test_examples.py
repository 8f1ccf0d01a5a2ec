"""Example pages as text: what was given in the order of its form, and which rows are here."""

from datetime import UTC, datetime, timedelta

import pytest

from agent_platform.core.ids import new_id
from agent_platform.services import examples
from agent_platform.views.examples import PAGE_ROWS, example_view, form_values, kept_words, see_example
from agent_platform.views.run_output import Shown

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SCHEMA = {
    "properties": {
        "text": {"type": "string", "title": "Text", "prefill": "a,b"},
        "top": {"type": "integer", "title": "Rows shown", "unit": "rows", "default": 20},
        "kinds": {"type": "array", "items": {"type": "string"}},
        "deep": {"type": "object"},
    }
}
OUTPUT = {
    "item": {"type": "object", "properties": {"n": {"type": "integer", "title": "Number"}}},
    "result": {"type": "object", "properties": {"sum": {"type": "integer", "title": "Sum"}}},
    "files": [{"name": "note.md", "media_type": "text/markdown", "title": "Note"}],
    "views": [
        {"id": "note", "type": "markdown", "title": "Note", "file": "note.md"},
        {"id": "rows", "type": "table", "title": "Rows", "columns": ["n"]},
        {"id": "chart", "type": "chart", "title": "Chart", "x": "n", "y": ["n"], "chart": "line"},
        {"id": "numbers", "type": "figures", "title": "Numbers", "fields": ["sum"]},
        {"id": "report", "type": "file", "title": "Report", "file": "report.html"},
        {"id": "all", "type": "files", "title": "Files"},
    ],
}


def facts(*, rows=3, row_count=None, given=None, note="# Fine", **changed):
    files = [
        examples.KeptFile("note.md", "text/markdown", 6, note),
        examples.KeptFile("report.html", "text/html", 1_200, None),
    ]
    kept = examples.Kept(
        input={"top": 5, "text": "a,b"} if given is None else given,
        rows=[{"n": number} for number in range(rows)],
        row_count=rows if row_count is None else row_count,
        result={"sum": 3},
        files=files,
    )
    card = examples.ExampleCard(new_id(), "one", "One <b>", "A\u202eline", "1.0.0", NOW - timedelta(days=1))
    values = {
        "card": card, "kept": kept, "listing_id": new_id(), "publisher": "harbor", "publisher_name": "Harbor",
        "agent_slug": "counter", "agent_name": "Counter", "category": "data", "listed_version": "1.0.0",
        "price_model": "per_run", "price_label": "$0.02", "price_unit": "run", "indexed": True, "schema": SCHEMA, "output": OUTPUT,
        "duration_ms": 1_500, "cost_micro_usd": 12, "saved_at": NOW,
    }  # fmt: skip
    return examples.ExampleFacts(**{**values, **changed})


def test_the_input_stands_in_the_order_and_words_of_its_form():
    view = example_view(facts(), now=NOW)
    assert [(one.label, one.value, one.note) for one in view.given] == [
        ("Text", "a,b", ""),
        ("Rows shown", "5", "rows"),
    ]
    assert (view.title, view.line) == ("One <b>", "A<U+202E>line")
    assert view.run_href == "/agents/harbor/counter?tab=run&example=one"


def test_a_long_input_keeps_its_lines():
    given = {"text": "first\nsecond", "kinds": ["a", "b"], "deep": {"k": "x" * 200}, "old": "field that is no more"}
    view = example_view(facts(given=given), now=NOW)
    assert [(one.label, one.value[:12]) for one in view.texts] == [
        ("Text", "first\nsecond"),
        ("deep", '{\n  "k": "xx'),
    ]
    assert [(one.label, one.value) for one in view.given] == [("kinds", "a, b"), ("old", "field that is no more")]


def test_the_facts_are_those_of_the_run_and_name_a_newer_version():
    lines = {one.label: (one.value, one.note) for one in example_view(facts(listed_version="2.0.0"), now=NOW).facts}
    assert lines == {
        "Version": ("1.0.0", "now 2.0.0"),
        "Ended": ("28 Nov, 12:00 UTC", ""),
        "Took": ("1.5 s", ""),
        "Cost": ("$0.000012", "sandbox time: its publisher ran it"),
        "Rows": ("3", ""),
        "Price of a run of yours": ("$0.02", "/ run"),
    }


def test_only_views_that_can_be_drawn_from_what_is_kept_are_offered():
    seen = see_example(facts(), asked=Shown())
    assert [one.value for one in seen.output.shapes] == ["note", "rows", "chart", "numbers", "json"]
    assert "<h1>Fine</h1>" in seen.document.html
    without = see_example(facts(note=None), asked=Shown(shape="note"))
    assert [one.value for one in without.output.shapes] == ["rows", "chart", "numbers", "json"]
    assert without.output.shape == "rows"


def test_pages_of_rows_say_how_many_there_were():
    whole = facts(rows=60, row_count=312)
    first, last = (see_example(whole, asked=Shown(shape="rows"), page=page) for page in (1, 9))
    assert (len(first.output.rows), first.output.has_previous, first.output.has_next) == (PAGE_ROWS, False, True)
    assert first.output.words == "Rows 1\N{EN DASH}25 of 312."
    assert (last.output.words, last.output.has_next, last.pages) == ("Rows 51\N{EN DASH}60 of 312.", False, 3)
    assert first.output.said == kept_words(whole) == "This example keeps the first 60 of 312 rows."
    assert kept_words(facts()) == ""


@pytest.mark.parametrize("shape", ["chart", "numbers", "json", "rows"])
def test_each_kind_is_drawn_and_promises_no_export(shape):
    seen = see_example(facts(rows=3, row_count=300), asked=Shown(shape=shape))
    assert (seen.output.shape, seen.output.empty) == (shape, "")
    assert "export" not in seen.output.said + seen.output.json_text
    assert ("first 3 of 300" in seen.output.said) is (shape != "numbers")
    assert (seen.figure is not None) is (shape == "chart")


def test_rows_can_be_sorted_and_searched():
    seen = see_example(facts(rows=20), asked=Shown(shape="rows", sort="n", descending=True, find="1"))
    assert [row.cells[0].text for row in seen.output.rows][:3] == ["19", "18", "17"]
    assert "with \N{LEFT DOUBLE QUOTATION MARK}1\N{RIGHT DOUBLE QUOTATION MARK}" in seen.output.words


def test_a_form_holds_the_input_and_nothing_that_it_left_out():
    assert form_values(SCHEMA, {"top": 5, "gone": 1}) == {"text": None, "top": 5, "kinds": None, "deep": None}
