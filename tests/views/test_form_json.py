"""The input as one JSON document, and what of it a form can show."""

import json

import pytest

from agent_platform.views.form_json import beyond_form, document_of, fields_of_document, read_document
from agent_platform.views.form_reading import read_form
from agent_platform.views.forms import raw_of

SCHEMA = {
    "required": ["text"],
    "properties": {
        "text": {"type": "string", "prefill": "Anna"},
        "long": {"type": "string", "editor": "area"},
        "top": {"type": "integer", "default": 10, "maximum": 20},
        "share": {"type": "number"},
        "header": {"type": "boolean"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "since": {"type": "string", "format": "date"},
        "skip": {"type": "array", "items": {"type": "string"}, "default": []},
        "rules": {"type": "object"},
        "texts": {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
        "limits": {"type": "object", "additionalProperties": {"type": "integer"}},
        "orders": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["sku"],
                "properties": {"sku": {"type": "string"}, "pieces": {"type": "integer"}, "gift": {"type": "boolean"}},
            },
        },
        "word": {"type": "string", "default": "x"},
    },
}


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"text": "a", "top": 5, "share": 2, "header": True, "kind": "b", "skip": ["x"], "rules": {"deep": [None]}},
        {"long": "two\nlines", "header": False, "skip": [], "share": None, "since": "2026-11-22"},
        {"top": 500},
        {"top": "many", "text": ""},
        {"rules": [1]},
        {"texts": {"a": "two\nlines", "b": ""}, "limits": {}, "orders": [{"sku": "x", "pieces": 2, "gift": False}]},
        {"limits": {"eu": "many"}},
        {"texts": [["a", "1"], ["a", "2"]]},
        {"orders": [{"sku": "x", "pieces": "many"}, {"pieces": 1}]},
    ],
)
def test_what_the_form_shows_as_it_is_may_be_shown_there(document):
    assert beyond_form(SCHEMA, document) == ""


@pytest.mark.parametrize(
    "document",
    [
        {"text": ["x"]},
        {"text": "two\nlines"},
        {"text": " a "},
        {"header": "maybe"},
        {"header": 1},
        {"kind": "c"},
        {"since": "soon"},
        {"skip": "a"},
        {"skip": [1]},
        {"skip": ["a\nb"]},
        {"top": None},
        {"word": ""},
        {"unknown": 1},
        {"texts": {"a": 1}},
        {"texts": {" a": "1"}},
        {"texts": "a"},
        {"texts": [1]},
        {"limits": {"eu": [1]}},
        {"orders": {"sku": "x"}},
        {"orders": ["x"]},
        {"orders": [{}]},
        {"orders": [{"sku": "x", "more": 1}]},
        {"orders": [{"sku": "x", "gift": 1}]},
        {"orders": [{"sku": "x", "pieces": "3"}]},
        {"orders": [{"sku": "x", "pieces": None}]},
        {"orders": [{"sku": "x", "pieces": "many"}, "y"]},
    ],
)
def test_what_the_form_would_turn_into_something_else_is_named(document):
    assert beyond_form(SCHEMA, document).startswith(f"{next(iter(document))}: ")


def test_a_form_filled_from_a_document_has_defaults_and_no_prefills():
    raw = raw_of(fields_of_document(SCHEMA, {"header": True}))
    assert (raw["text"], raw["top"], raw["header"]) == ("", "10", "true")


def test_a_document_is_written_in_the_order_of_the_form_with_what_cannot_be_read():
    raw = {"rules": '{"a": ', "top": "1,000", "text": "é", "share": "", "header": "false"}
    assert json.loads(document_of(SCHEMA, raw)) == {"text": "é", "top": "1,000", "header": False, "rules": '{"a": '}
    assert "é" in document_of(SCHEMA, raw)


def test_rows_that_cannot_be_read_stand_in_the_document_as_they_were_typed_and_lead_back():
    raw = {
        "text": "a",
        "texts": '[["a", "1"], ["a", "2"]]',
        "limits": '[["eu", "5"], ["us", "many"]]',
        "orders": '[{"sku": "x", "pieces": "many"}, {"pieces": "3"}]',
    }
    document = json.loads(document_of(SCHEMA, raw))
    assert document == {
        "text": "a",
        "texts": [["a", "1"], ["a", "2"]],
        "limits": {"eu": 5, "us": "many"},
        "orders": [{"sku": "x", "pieces": "many"}, {"pieces": 3}],
    }
    assert beyond_form(SCHEMA, document) == ""
    back = raw_of(fields_of_document(SCHEMA, document))
    assert {name: back[name] for name in raw} == raw


def test_a_document_is_read_as_it_stands():
    assert read_document('{"b": 1, "a": [null, "ü", 1e3]}') == {"b": 1, "a": [None, "ü", 1000.0]}


@pytest.mark.sec
@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("[" * 3_000, "Rules is not valid JSON: it is nested too deeply."),
        ('{"a": NaN}', "Rules is not valid JSON: NaN is no number."),
        ('{"a": ' + "9" * 5_000 + "}", "Rules is not valid JSON: a number in it is too large."),
        ('{"a": "\\u0000"}', "Rules holds a NUL character, which cannot be kept. Remove it."),
    ],
)
def test_a_field_of_json_is_read_as_strictly(typed, fault):
    assert read_form(SCHEMA, {"text": "a", "rules": typed})[1] == {"rules": fault}
