"""What of a run is never shown to everybody, and what is kept of its files."""

from dataclasses import replace
from uuid import UUID

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.services import agents, examples, runs
from agent_platform.services.examples import MOST_INPUT_BYTES
from agent_platform.services.examples._kept import MOST_ROWS_BYTES, keep
from tests.doubles.running import make_run, make_workspace, put, speak
from tests.services.agents.samples import manifest

URL = {"start_url": "https://example.com/"}
FILE = shown("file", UUID(int=7))


def why(given, **changes):
    return examples.why_private(agents.read_manifest(manifest(**changes)), given)


def with_field(**rule):
    return {"input__properties__extra": rule}


def test_typed_input_may_be_shown():
    assert why(URL) == ""
    assert why({**URL, "extra": ["a", "b"]}, **with_field(type="array", items={"type": "string"})) == ""


@pytest.mark.sec
@pytest.mark.parametrize("rule", [
    {"type": "string", "secret": True},
    {"type": "string", "editor": "secret"},
    {"type": "object", "properties": {"token": {"type": "string", "secret": True}}},
    {"type": "array", "items": {"type": "string", "secret": True}},
    {"type": "object", "properties": {"deep": {"type": "object", "properties": {"k": {"type": "string", "secret": True}}}}},
])  # fmt: skip
def test_a_run_with_a_secret_is_never_an_example(rule):
    for given in ("s3cret", {"token": "s3cret"}, ["s3cret"]):
        assert why({**URL, "extra": given}, **with_field(**rule)).startswith("This run was given a secret.")
    assert why(URL, **with_field(**rule)) == ""
    assert why({**URL, "extra": ""}, **with_field(**rule)) == ""


@pytest.mark.sec
def test_a_secret_that_is_defined_elsewhere_counts_for_every_input():
    schema = {
        "type": "object",
        "properties": {"start_url": {"type": "string"}, "extra": {"$ref": "#/$defs/token"}},
        "$defs": {"token": {"type": "string", "secret": True}},
    }
    made = agents.read_manifest(manifest())
    assert examples.why_private(replace(made, input_schema=schema), {"extra": "s3cret"}).startswith(
        "This run was given a secret"
    )


@pytest.mark.sec
def test_agents_that_work_with_connections_have_no_examples():
    slot = {"connector": "github", "actions": ["list_issues"], "why": "Reads the issues."}
    assert why(URL, permissions={"connections": {"code": slot}}).startswith("This agent works with connections")
    assert why({**URL, "extra": "con_1"}, **with_field(type="string", connection="github")).startswith(
        "This agent works"
    )


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ({"type": "string", "format": "file"}, FILE),
        ({"type": "array", "items": {"type": "string", "format": "file"}}, [FILE]),
        ({"type": "object", "properties": {"inner": {"type": "array"}}}, {"inner": [{"file": FILE}]}),
    ],
)
def test_a_run_with_a_file_says_what_to_do_instead(rule, given):
    assert "run it once more with its text in the form" in why({**URL, "extra": given}, **with_field(**rule))


def test_a_long_input_is_too_much_for_a_page():
    fits = {"start_url": "x" * (MOST_INPUT_BYTES - 20)}
    assert why(fits) == ""
    assert "64 KB at most" in why({"start_url": "ä" * MOST_INPUT_BYTES})


@pytest.fixture
def workspace(settings):
    return make_workspace("harbor")


def kept(workspace, run_id, output):
    with tenant_session(workspace.id) as session:
        return keep(session, runs.get_run(session, run_id=run_id), output)


def test_the_text_of_a_file_is_kept_where_a_view_draws_it_and_of_others_the_name(workspace):
    run_id = make_run(workspace)
    put(workspace, run_id, "note.md", "# Säve".encode(), "text/markdown")
    put(workspace, run_id, "other.md", b"# Other", "text/markdown")
    put(workspace, run_id, "page.html", b"<script>alert(1)</script>", "text/html")
    put(workspace, run_id, "long.txt", b"x" * 40_000, "text/plain")
    put(workspace, run_id, "binary.txt", b"\x00\xff", "text/plain")
    names = ("note.md", "page.html", "long.txt", "binary.txt")
    output = {"views": [{"id": name, "type": "file", "file": name} for name in names], "files": []}
    found = {one.name: one.text for one in kept(workspace, run_id, output).files}
    assert found == {"note.md": "# Säve", "other.md": None, "page.html": None, "long.txt": None, "binary.txt": None}


def test_rows_are_kept_whole_and_only_as_many_as_fit(workspace):
    run_id = make_run(workspace)
    row = {"path": "x" * (MOST_ROWS_BYTES // 3)}
    for number in range(3):
        speak(workspace, run_id, {"type": "items", "items": [{**row, "status": number}], "event": "page"})
    found = kept(workspace, run_id, {})
    assert [one["status"] for one in found.rows] == [0, 1]
    assert found.row_count == 3
