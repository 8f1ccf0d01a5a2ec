"""A schema becomes a form, and a form becomes values again."""

import pytest

from agent_platform.core.errors import Problem
from agent_platform.views.form_kinds import kind_of
from agent_platform.views.form_reading import faults_of, read_form
from agent_platform.views.forms import (
    fields_as_typed,
    fields_of,
    raw_of,
)

SCHEMA = {
    "required": ["start_url"],
    "properties": {
        "start_url": {"type": "string", "format": "uri", "title": "Start URL", "prefill": "https://example.com/"},
        "max_pages": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10_000,
            "default": 200,
            "prefill": 10,
            "unit": "pages",
        },
        "skip": {"type": "array", "items": {"type": "string"}, "maxItems": 2, "default": []},
        "external": {"type": "boolean", "default": True},
        "mode": {"type": "string", "enum": ["fast", "careful"]},
        "levels": {"type": "integer", "enum": [1, 2]},
        "share": {"type": "number"},
        "since": {"type": "string", "format": "date"},
        "rules": {"type": "object"},
        "name": {"type": "string", "maxLength": 5},
    },
}

ROW = {
    "type": "object",
    "required": ["sku"],
    "properties": {
        "sku": {"type": "string", "title": "Article", "description": "Its number."},
        "pieces": {"type": "integer", "minimum": 1},
        "gift": {"type": "boolean"},
        "size": {"type": "string", "enum": ["S", "L"]},
        "note": {"type": "string", "maxLength": 500},
    },
}
ROWED = {
    "properties": {
        "words": {"type": "array", "items": {"type": "string", "enum": ["red", "blue"]}, "maxItems": 2},
        "texts": {"type": "object", "additionalProperties": {"type": "string"}, "default": {}},
        "limits": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}, "maxProperties": 2},
        "orders": {"type": "array", "items": ROW, "maxItems": 3},
        "script": {"type": "string", "editor": "code"},
    },
}


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "editor": "area"}, "textarea"),
        ({"type": "string", "maxLength": 5_000}, "textarea"),
        ({"type": "string", "format": "uri"}, "url"),
        ({"type": "string", "format": "file"}, "file"),
        ({"type": "array", "items": {"type": "string", "format": "file"}}, "files"),
        ({"type": "array", "items": {"type": "string"}}, "tags"),
        ({"type": "array", "items": {"type": "object"}}, "json"),
        ({"type": "array", "items": True}, "json"),
        ({"type": "array", "items": ROW}, "table"),
        ({"type": "array", "items": ROW, "editor": "json"}, "json"),
        ({"type": "array", "items": {**ROW, "properties": {"deep": {"type": "object"}}}}, "json"),
        ({"type": "array", "items": {**ROW, "properties": {"key": {"type": "string", "secret": True}}}}, "json"),
        ({"type": "array", "items": {**ROW, "properties": {"file": {"type": "string", "format": "file"}}}}, "json"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "key-value"),
        ({"type": "object", "editor": "key-value"}, "key-value"),
        ({"type": "object", "additionalProperties": {"type": "integer"}, "editor": "json"}, "json"),
        ({"type": "object", "additionalProperties": {"type": "array"}}, "json"),
        ({"type": "object", "additionalProperties": False, "editor": "key-value"}, "json"),
        ({"type": "object", "properties": {"a": {}}, "editor": "key-value"}, "json"),
        ({"type": "string", "editor": "code"}, "code"),
        ({"type": ["string", "null"]}, "json"),
        ({"type": "string", "enum": ["a"]}, "select"),
        ({"type": "string", "secret": True}, "secret"),
        ({"type": "object"}, "json"),
        ({}, "json"),
    ],
)
def test_each_rule_gets_its_editor(rule, kind):
    assert kind_of(rule) == kind


def test_a_field_starts_with_its_prefill_and_says_its_limits():
    fields = {one.name: one for one in fields_of(SCHEMA, {})}
    assert fields["start_url"].value == "https://example.com/"
    assert fields["start_url"].required
    assert (fields["max_pages"].value, fields["max_pages"].help) == ("10", "1 to 10,000 pages")
    assert fields["max_pages"].title == "Max pages"


def test_given_values_and_errors_win():
    fields = {
        one.name: one for one in fields_of(SCHEMA, {"max_pages": "x", "skip": ["/a", "/b"]}, {"max_pages": "No."})
    }
    assert (fields["max_pages"].value, fields["max_pages"].error) == ("x", "No.")
    assert fields["skip"].value == "/a\n/b"


def test_a_form_reads_back_what_it_was_filled_with():
    given = {
        "start_url": "https://a.example/",
        "max_pages": 7,
        "skip": ["/a"],
        "external": False,
        "mode": "fast",
        "levels": 2,
        "since": "2026-11-22",
        "rules": {"deep": [1, None]},
        "name": "abc",
    }
    assert read_form(SCHEMA, raw_of(fields_of(SCHEMA, given))) == (given, {})


def test_empty_optional_fields_are_left_out():
    assert read_form(SCHEMA, {"start_url": "https://a.example/", "max_pages": "  "}) == (
        {"start_url": "https://a.example/"},
        {},
    )


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("start_url", "", "Start URL is required."),
        ("start_url", "ftp://x", "Start URL must begin with https:// or http://"),
        ("max_pages", "many", "Max pages must be a whole number."),
        ("max_pages", "1.5", "Max pages must be a whole number."),
        ("max_pages", "0", "Max pages must be 1 or more."),
        ("max_pages", "10001", "Max pages must be 10,000 or less."),
        ("max_pages", "1,000", "Max pages must be written without a comma, such as 1000."),
        ("share", "0,5", "Share must be written without a comma, such as 1000.5."),
        ("share", "nan", "Share must be a number."),
        ("share", "1e999", "Share must be a number."),
        ("skip", "a\nb\nc", "Skip has 3 entries, at most 2 are allowed."),
        ("mode", "slow", "Mode must be one of fast, careful."),
        ("since", "tomorrow", "Since must be a date such as 2026-11-22."),
        (
            "rules",
            "{",
            "Rules is not valid JSON: expecting property name enclosed in double quotes at line 1, column 2.",
        ),
        ("rules", "[]", "Rules must be a JSON object."),
        ("name", "abcdef", "Name has 6 characters, at most 5 are allowed."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(name, text, sentence):
    _, errors = read_form(SCHEMA, {"start_url": "https://a.example/", name: text})
    assert errors == {name: sentence}


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_a_number_is_finite(text):
    assert read_form({"properties": {"n": {"type": "number"}}}, {"n": text})[1] == {"n": "N must be a number."}


FILLED = {
    "words": ["blue", "red"],
    "texts": {"refund": "Dear {name},\nyes.", 'b"ug': ""},
    "limits": {"eu": 1.5, "us": 0.0},
    "orders": [
        {"sku": "A-1", "pieces": 2, "gift": True, "size": "L", "note": 'two\nlines, "quoted"'},
        {"sku": "A-2", "gift": False},
    ],
    "script": "  if a:\n\tb()\n",
}


def test_rows_and_code_read_back_as_they_were():
    assert read_form(ROWED, raw_of(fields_of(ROWED, FILLED))) == (FILLED, {})


def test_a_table_says_its_columns_and_its_most():
    fields = {one.name: one for one in fields_of(ROWED, {})}
    orders = fields["orders"]
    assert [(one.name, one.title, one.kind, one.required) for one in orders.columns] == [
        ("sku", "Article", "text", True),
        ("pieces", "Pieces", "integer", False),
        ("gift", "Gift", "boolean", False),
        ("size", "Size", "select", False),
        ("note", "Note", "textarea", False),
    ]
    assert (orders.most, orders.columns[0].help, orders.columns[3].options) == (3, "Its number.", ["S", "L"])
    assert (fields["limits"].most, fields["limits"].columns[0].kind) == (2, "number")
    assert (fields["words"].most, fields["words"].columns[0].options) == (2, ["red", "blue"])


def test_empty_rows_are_no_entries():
    raw = {"orders": '[{}, {"sku": "A-1"}, {"sku": " ", "note": ""}]', "texts": '[["", " "], ["a", "b"]]'}
    assert read_form(ROWED, raw) == ({"orders": [{"sku": "A-1"}], "texts": {"a": "b"}}, {})
    assert read_form({"required": ["texts", "orders"], **ROWED}, {})[0] == {"texts": {}, "orders": []}


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("texts", '[["a", "1"], ["b", "2"], [" a", "3"]]', "Texts in row 3: the name a stands there already."),
        ("texts", '[["", "1"]]', "Texts in row 1: the name is missing."),
        ("limits", '[["eu", "x"]]', "Limits in row 1: eu must be a number."),
        ("limits", '[["eu", "-1"]]', "Limits in row 1: eu must be 0 or more."),
        ("limits", '[["eu", ""]]', "Limits in row 1: eu needs a value."),
        ("limits", '[["a", "1"], ["b", "1"], ["c", "1"]]', "Limits has 3 entries, at most 2 are allowed."),
        ("orders", '[{}, {"pieces": "2"}]', "Orders in row 2: Article is required."),
        ("orders", '[{"sku": "A", "pieces": "many"}]', "Orders in row 1: Pieces must be a whole number."),
        ("orders", '[{"sku": "A", "size": "XL"}]', "Orders in row 1: Size must be one of S, L."),
        ("orders", '[{"sku": "A\\u0000"}]', "Orders in row 1: Article holds a NUL character, which cannot be kept. Remove it."),
        ("orders", "[" + ", ".join(['{"sku": "A"}'] * 4) + "]", "Orders has 4 rows, at most 3 are allowed."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_in_rows_is_said_with_its_row(name, text, sentence):
    assert read_form(ROWED, {name: text})[1] == {name: sentence}


@pytest.mark.sec
@pytest.mark.parametrize("text", ["{", "[1]", "{}", '[["a"]]', '[["a", 1]]', '[{"sku": 1}]', "[" * 3_000, "7"])
def test_a_text_that_no_editor_writes_is_refused(text):
    for name, title in (("texts", "Texts"), ("orders", "Orders")):
        assert read_form(ROWED, {name: text})[1] == {name: f"{title} cannot be read. Write it anew."}


def test_a_form_as_typed_keeps_every_text():
    raw = {"texts": '[["a", "1"], ["a", "2"]]', "orders": '[{"pieces": "x"}]', "script": "  a", "words": "red\n"}
    fields = {one.name: one for one in fields_as_typed(ROWED, raw, {"texts": "No."})}
    assert {name: fields[name].value for name in raw} == raw
    assert (fields["texts"].error, fields["limits"].value) == ("No.", "")


def test_what_a_service_refuses_stands_with_the_row_as_the_form_counts_it():
    raw = {"orders": '[{}, {"sku": "A-1"}, {"sku": "A-2"}]', "texts": '[["a", "b"]]'}
    problems = [
        Problem("orders.1.sku", "Orders must match A."),
        Problem("orders.0.sku", "Not the first."),
        Problem("texts.a", "Texts is too long."),
        Problem("script", "Script is wrong."),
        Problem("orders.7.sku", "Nowhere."),
    ]
    assert faults_of(ROWED, raw, problems) == {
        "orders": "Row 3: Orders must match A.",
        "texts": "a: Texts is too long.",
        "script": "Script is wrong.",
    }


def test_a_choice_that_nobody_has_made_is_shown_as_none():
    rule = {"type": "string", "enum": ["a", "b"]}
    schema = {"required": ["must"], "properties": {"may": rule, "must": rule, "preset": {**rule, "default": "b"}}}
    assert [one.options for one in fields_of(schema, {})] == [["", "a", "b"], ["", "a", "b"], ["a", "b"]]
    assert [one.options[0] for one in fields_of(schema, {"may": "a", "must": "a"})] == ["", "a", "a"]


def test_a_tag_may_hold_what_word_processors_break_lines_with():
    schema = {"properties": {"words": {"type": "array", "items": {"type": "string"}}}}
    assert read_form(schema, {"words": "one\u2028two\nthree\x0bfour"}) == (
        {"words": ["one\u2028two", "three\x0bfour"]},
        {},
    )
