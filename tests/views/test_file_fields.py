"""Fields that take files: what they hold, what gives way to it, and what they take."""

from dataclasses import replace

from agent_platform.views.demo import for_visitor
from agent_platform.views.forms import (
    FieldView,
    RemovalView,
    fields_of,
    raw_of,
    with_names,
    without_samples,
)

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


def test_each_chosen_file_can_be_taken_away_by_its_name_where_that_is_known():
    one = FieldView("f", "Orders", "file", value="file_1", note="At most 1 MiB.")
    (shown,) = with_names([one], {"file_1": "data.csv"})
    assert shown.removals == [RemovalView("file_1", "Remove", "Remove data.csv from Orders")]
    assert (shown.note, shown.rest) == ("data.csv", "At most 1 MiB.")
    (unnamed,) = with_names([one], {})
    assert unnamed.removals == [RemovalView("file_1", "Remove", "Remove the file from Orders")]
    (several,) = with_names([replace(one, kind="files", value="file_1\nfile_2")], {"file_1": "a.csv"})
    assert [(each.words, each.label) for each in several.removals] == [
        ("Remove a.csv", "Remove a.csv from Orders"),
        ("Remove file 2", "Remove file 2 from Orders"),
    ]
    assert with_names([replace(one, value=""), replace(one, kind="text")], {}) == [
        replace(one, value=""),
        replace(one, kind="text"),
    ]


def test_a_chosen_file_leaves_what_somebody_has_typed():
    raw = raw_of(fields_of(SAMPLED, {"text": "c,d"})) | {"file": "file_1"}
    assert without_samples(SAMPLED, raw)["text"] == "c,d"


def test_a_file_is_measured_before_it_is_sent_by_what_its_field_takes():
    small = {"type": "string", "format": "file", "max_mb": 20, "accept": ["text/csv"]}
    schema = {
        "properties": {
            "one": small,
            "some": {"type": "array", "items": small},
            "any": {"type": "string", "format": "file"},
        }
    }
    schema["properties"]["tiny"] = small | {"max_mb": 0.5}
    one, some, free, tiny = fields_of(schema, {})
    assert (one.most_bytes, one.accept) == (some.most_bytes, some.accept) == (20 << 20, "text/csv")
    assert (free.most_bytes, tiny.most_bytes) == (100 << 20, 1 << 19)


def test_a_visitor_s_form_sends_its_files_to_demos_of_the_agent_or_says_what_they_need():
    schema = {"properties": {"file": {"type": "string", "format": "file"}, "text": {"type": "string"}}}
    file, words = for_visitor(fields_of(schema, {}), address="openworks/data-profiler")
    assert (file.closed, file.sends_to, file.most_bytes) == ("", "/uploads/demo/openworks/data-profiler", 1 << 20)
    assert file.note == "Without an account at most 1 MiB; deleted after an hour."
    assert (words.sends_to, words.note) == ("/uploads", "")
    closed = for_visitor(fields_of(schema, {}), address="")
    assert [one.closed for one in closed] == ["Files need an account here.", ""]
