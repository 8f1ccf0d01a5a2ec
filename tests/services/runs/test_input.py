"""What a run is given, held against the schema of its agent."""

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runs
from tests.factories import make_tenant

NUMBERS = {"type": "object", "properties": {"xs": {"type": "array", "items": {"type": "integer"}}}}


def test_of_an_input_that_is_wrong_everywhere_only_its_beginning_is_looked_at(settings):
    with tenant_session(make_tenant()) as session, pytest.raises(runs.RunInputInvalid) as refused:
        runs.checked_input(session, NUMBERS, {"xs": ["x"] * 2_000})
    places = [int(problem.path.partition(".")[2]) for problem in refused.value.errors]
    assert len(places) == 20
    assert max(places) < 200


FORM = {
    "type": "object",
    "required": ["text", "kind"],
    "properties": {
        "text": {"type": "string", "title": "Text", "prefill": "Anna"},
        "kind": {"type": "string", "title": "Kind"},
        "header": {"type": "boolean", "title": "Header", "default": True},
        "rules": {
            "type": "object",
            "required": ["depth"],
            "properties": {"depth": {"type": "integer", "title": "Depth"}},
            "additionalProperties": False,
        },
    },
}


def refused(given, schema=FORM):
    with tenant_session(make_tenant()) as session, pytest.raises(runs.RunInputInvalid) as refusal:
        runs.checked_input(session, schema, given)
    return {problem.path: problem.message for problem in refusal.value.errors}


def test_defaults_are_added_and_prefills_are_not(settings):
    with tenant_session(make_tenant()) as session:
        assert runs.checked_input(session, FORM, {"text": "a", "kind": "b"}) == {
            "text": "a",
            "kind": "b",
            "header": True,
        }
    assert refused({}) == {"text": "Text is required.", "kind": "Kind is required."}


def test_a_key_that_the_agent_does_not_know_is_named_with_the_nearest_one(settings):
    given = {"text": "a", "kind": "b", "heder": True, "zzz": 1, "rules": {"dept": 1}}
    assert refused(given) == {
        "heder": "heder is not an input of this agent. Did you mean header?",
        "zzz": "zzz is not an input of this agent. Remove it.",
        "rules.dept": "rules.dept is not an input of this agent. Did you mean depth?",
        "rules.depth": "Depth is required.",
    }


def test_the_sentence_counts_what_else_needs_a_change(settings):
    for given, words in (({"a": 1}, "2 more fields need a"), ({"text": "a", "a": 1}, "1 more field needs a")):
        with tenant_session(make_tenant()) as session, pytest.raises(runs.RunInputInvalid, match=words):
            runs.checked_input(session, FORM, given)


@pytest.mark.sec
def test_thousands_of_unknown_keys_are_refused_at_once(settings):
    assert len(refused({f"{'x' * 50}{number}": 1 for number in range(50_000)})) == 20


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        ({"text": "a\0b"}, "text", "Text holds a NUL character, which cannot be kept. Remove it."),
        ({"text": "\ud800"}, "text", "Text holds half a character, which cannot be kept. Write it anew."),
        ({"rules": {"a": ["", "\udfff"]}}, "rules.a.1", "rules.a.1 holds half a character, which cannot be kept."),
        ({"a\0": 1}, "a\ufffd", "a\ufffd holds a NUL character"),
        ({"rules": {"a": 10**400}}, "rules.a", "rules.a holds a number that is too large."),
        ({"rules": {"a": float("nan")}}, "rules.a", "rules.a holds a number that is too large."),
    ],
)
@pytest.mark.sec
def test_what_a_database_cannot_keep_is_refused_by_the_name_of_its_field(settings, given, path, sentence):
    assert refused({"text": "a", "kind": "b", **given})[path].startswith(sentence)


def test_what_is_nested_too_deeply_is_refused(settings):
    deep = {"a": 1}
    for _ in range(70):
        deep = {"a": deep}
    assert refused({"text": "a", "kind": "b", "rules": deep}) == {"rules": "rules is nested deeper than 64 levels."}
