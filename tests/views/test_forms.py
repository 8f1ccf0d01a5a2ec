"""A schema becomes a form, and a form becomes values again."""

import pytest

from agent_platform.views.demo import for_visitor
from agent_platform.views.forms import fields_of, kind_of, raw_of, read_form, without_samples

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
    assert fields["skip"].tags == ["/a", "/b"]


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


SAMPLED = {
    "required": ["must"],
    "properties": {
        "file": {"type": "string", "format": "file"},
        "text": {"type": "string", "editor": "code", "prefill": "a,b\n1,2\n"},
        "must": {"type": "string", "editor": "textarea", "prefill": "needed"},
        "short": {"type": "string", "prefill": "kept"},
    },
}


def test_a_chosen_file_takes_the_place_of_a_sample_text():
    raw = raw_of(fields_of(SAMPLED, {})) | {"file": "file_1"}
    assert without_samples(SAMPLED, raw) == {"file": "file_1", "text": "", "must": "needed", "short": "kept"}


def test_a_chosen_file_leaves_what_somebody_has_typed():
    raw = raw_of(fields_of(SAMPLED, {"text": "c,d"})) | {"file": "file_1"}
    assert without_samples(SAMPLED, raw)["text"] == "c,d"


def test_a_visitor_s_form_sends_its_files_to_demos_of_the_agent_or_says_what_they_need():
    schema = {"properties": {"file": {"type": "string", "format": "file"}, "text": {"type": "string"}}}
    file, words = for_visitor(fields_of(schema, {}), address="openworks/data-profiler")
    assert (file.closed, file.sends_to, file.most_bytes) == ("", "/uploads/demo/openworks/data-profiler", 1 << 20)
    assert file.note == "At most 1 MiB; deleted after an hour."
    assert (words.sends_to, words.note) == ("/uploads", "")
    closed = for_visitor(fields_of(schema, {}), address="")
    assert [one.closed for one in closed] == ["Files need an account here.", ""]
