"""What an agent's page shows as its input is what runs, as a form and as JSON."""

import json
from dataclasses import replace

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import InputInvalid
from agent_platform.services import runs
from agent_platform.views.forms import CHOSEN
from tests.pages.conftest import AGENT, started

URL = "https://docs.northwind.example/"
NOTHING = "Nothing was started"


@pytest.fixture
def in_json(open_agent):
    """The page in JSON mode with this text."""

    async def in_json(text):
        opened = await open_agent()
        await opened.send("choose_mode", "json")
        await opened.send("write_json", text)
        return opened

    return in_json


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, "start_url: Start URL is required."),
        ({"start_url": ["x"]}, "start_url: Start URL must be of type string."),
        ({"start_url": URL, "max_pages": "many"}, "max_pages: Maximum pages must be of type integer."),
        ({"start_url": URL, "max_pages": None}, "max_pages: Maximum pages must be of type integer."),
        (
            {"start_url": URL, "max_page": 1},
            "max_page is not an input of this agent. Did you mean max_pages?",
        ),
        (
            {"start_ur": URL},
            "start_ur is not an input of this agent. Did you mean start_url?\nstart_url: Start URL is required.",
        ),
    ],
)
async def test_json_that_does_not_fit_the_agent_is_refused_beside_it(northwind, in_json, said, given, fault):
    opened = await in_json(json.dumps(given))
    await opened.send("start")
    assert opened.state.json_error == fault
    assert said == [NOTHING]
    assert started(northwind) == []


async def test_the_document_on_screen_runs_with_defaults_and_without_prefills(northwind, in_json):
    opened = await in_json(json.dumps({"start_url": URL}))
    await opened.send("start")
    assert [run.input for run in started(northwind)] == [{"start_url": URL, "max_pages": 200}]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "There is nothing here."),
        ("{", "This is not valid JSON: expecting property name enclosed in double quotes at line 1, column 2."),
        ("[]", "The input must be an object in braces"),
        ("[" * 3_000, "This is not valid JSON: it is nested too deeply."),
        ('{"start_url": "\\ud800"}', "start_url holds half a character, which cannot be kept."),
        ('{"start_url": "\ud800"}', "start_url holds half a character, which cannot be kept."),
        ('{"start_url": "a\\u0000b"}', "start_url holds a NUL character, which cannot be kept."),
        ('{"max_pages": NaN}', "This is not valid JSON: NaN is no number."),
        ('{"max_pages": -Infinity}', "This is not valid JSON: -Infinity is no number."),
        ('{"max_pages": ' + "9" * 5_000 + "}", "This is not valid JSON: a number in it is too large."),
        ('{"max_pages": 1e400}', "max_pages holds a number that is too large."),
        ('{"max_pages": 1, "max_pages": 2}', "This is not valid JSON: a name stands twice in one object."),
    ],
)
async def test_json_that_cannot_be_read_is_refused_in_words_and_starts_nothing(northwind, in_json, said, text, fault):
    opened = await in_json(text)
    assert opened.state.json_error.startswith(fault)
    assert "sys." not in opened.state.json_error
    json.dumps(opened.state.json_text, ensure_ascii=False).encode()  # what the browser is sent
    await opened.send("start")
    assert said == [NOTHING]
    await opened.send("try_demo")
    assert opened.state.demo_refusal == opened.state.json_error
    assert started(northwind) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "This is not valid JSON"),
        ('{"start_url": ["x"]}', "start_url: the form cannot show this value as it is."),
        ('{"max_page": 1}', "max_page: the form has no such field."),
    ],
)
async def test_what_the_form_cannot_show_stays_json_with_the_reason(northwind, in_json, said, text, fault):
    opened = await in_json(text)
    await opened.send("choose_mode", "form")
    assert (opened.state.mode, opened.state.json_text) == ("json", text)
    assert opened.state.json_error.startswith(fault)
    assert said == ["The form cannot show this input yet"]
    await opened.send("start")
    assert started(northwind) == []


async def test_the_form_shows_what_the_json_said_and_no_prefill(northwind, in_json, said):
    opened = await in_json("{}")
    await opened.send("choose_mode", "form")
    assert [field.value for field in opened.state.fields] == ["", "200"]
    await opened.send("start")
    assert opened.state.fields[0].error == "Start URL is required."
    assert said == [NOTHING]
    await opened.send("change", "start_url", URL)
    await opened.send("start")
    assert [run.input for run in started(northwind)] == [{"start_url": URL, "max_pages": 200}]


async def test_what_cannot_be_read_in_the_form_is_not_lost_as_json(northwind, open_agent):
    opened = await open_agent()
    await opened.send("change", "max_pages", "1,000")
    await opened.send("choose_mode", "json")
    assert json.loads(opened.state.json_text)["max_pages"] == "1,000"
    await opened.send("start")
    assert opened.state.json_error == "max_pages: Maximum pages must be of type integer."
    await opened.send("choose_mode", "form")
    assert opened.state.fields[1].value == "1,000"
    assert started(northwind) == []


async def test_a_fault_that_only_the_service_finds_is_marked_in_the_form_at_once(northwind, open_agent, said):
    opened = await open_agent()
    await opened.send("change", "start_url", "https://exa mple.com/")
    await opened.send("start")
    assert opened.state.fields[0].error == "Start URL must be a valid uri."
    assert said == [NOTHING]
    assert started(northwind) == []


@pytest.mark.sec
@pytest.mark.parametrize("typed", ["https://a\0b/", "https://a\ud800b/"])
async def test_what_cannot_be_kept_is_marked_in_the_form(northwind, open_agent, typed):
    opened = await open_agent()
    await opened.send("change", "start_url", typed)
    json.dumps(opened.state.fields[0].value, ensure_ascii=False).encode()
    await opened.send("start")
    assert "which cannot be kept" in opened.state.fields[0].error
    assert started(northwind) == []


async def test_the_requests_of_the_api_tab_have_the_document_as_it_is(in_json):
    document = {"max_pages": None, "start_url": "", "extra": [1]}
    opened = await in_json(json.dumps(document))
    await opened.send("choose_tab", "api")
    body = json.loads(opened.state.call.curl.partition("-d '")[2].removesuffix("'"))
    assert body["input"] == document
    await opened.send("write_json", "{")
    await opened.send("choose_tab", "api")
    assert "cannot be read" in opened.state.call.placeholders
    assert URL not in opened.state.call.curl


async def back_to(opened, address=AGENT):
    """The browser is on this page again, after another one."""
    opened.go("/runs/run_anything")
    await opened.begin_page()
    opened.go(address)
    await opened.begin_page()
    await opened.send("open")


@pytest.mark.parametrize("mode", ["form", "json"])
async def test_the_way_back_from_a_run_leads_to_the_form_that_started_it(northwind, open_agent, mode):
    opened = await open_agent()
    await opened.send("change", "start_url", URL)
    await opened.send("write_cap", "0.40")
    await opened.send("choose_dry_run")
    await opened.send("choose_mode", mode)
    await opened.send("start")
    await back_to(opened)
    state = opened.state
    assert (state.comes_back, state.mode, state.cap, state.dry_run) == (True, mode, "0.40", True)
    assert state.quote.meter.cap_label == "cap $0.40"
    await opened.send("start")
    assert [run.input["start_url"] for run in started(northwind)] == [URL, URL]
    await opened.send("begin_anew")
    assert (state.comes_back, state.mode, state.cap, state.dry_run) == (False, "form", "0.50", False)
    assert state.fields[0].value == "https://example.com/"


async def test_a_form_that_started_nothing_begins_anew(open_agent):
    opened = await open_agent()
    await opened.send("change", "start_url", URL)
    await back_to(opened)
    assert (opened.state.comes_back, opened.state.fields[0].value) == (False, "https://example.com/")


async def test_a_file_field_says_what_it_holds(open_agent):
    opened = await open_agent()
    state = opened.state
    schema = {
        "properties": {"file": {"type": "string", "format": "file"}, "more": {"type": "string", "format": "file"}}
    }
    state._page = replace(state._page, schema=schema)
    state._begin_form({"file": "file_1"})
    notes = lambda: [one.note for one in state.fields]  # noqa: E731
    assert notes() == [CHOSEN, ""]
    await opened.send("change", "more", "file_2 orders of may.csv")
    assert notes() == [CHOSEN, "orders of may.csv"]
    for mode in ("json", "form"):
        await opened.send("choose_mode", mode)
    assert notes() == [CHOSEN, "orders of may.csv"]
    assert state._given() == ({"file": "file_1", "more": "file_2"}, "")
    assert [one.holds for one in state.fields] == ["What was chosen before stays.", "Still chosen: orders of may.csv."]
    await opened.send("change", "more", "file_3 a\x85b\u2028c.csv")
    assert (state._raw["more"], state._files) == ("file_3", {"file_3": "a\x85b\u2028c.csv"})
    await opened.send("change", "more", "")
    assert (notes(), state._files) == ([CHOSEN, ""], {})


async def test_what_is_left_of_several_files_keeps_its_names_and_what_was_taken_away_is_in_no_json(open_agent):
    opened = await open_agent()
    state = opened.state
    schema = {
        "properties": {"files": {"type": "array", "items": {"type": "string", "format": "file"}, "title": "Files"}}
    }
    state._page = replace(state._page, schema=schema)
    state._begin_form({})
    labels = lambda: [one.label for one in state.fields[0].removals]  # noqa: E731
    assert labels() == []
    await opened.send("change", "files", "file_1 a.csv\nfile_2 b.csv")
    assert labels() == ["Remove a.csv from Files", "Remove b.csv from Files"]
    await opened.send("change", "files", "file_2")
    assert (labels(), state.fields[0].note) == (["Remove b.csv from Files"], "b.csv")
    await opened.send("choose_mode", "json")
    assert "file_1" not in state.json_text
    await opened.send("choose_mode", "form")
    assert labels() == ["Remove b.csv from Files"]
    await opened.send("change", "files", "")
    assert (labels(), state._given()) == ([], ({}, ""))


async def test_a_cap_that_was_broken_on_the_way_back_is_still_refused(northwind, open_agent):
    opened = await open_agent()
    await opened.send("start")
    await back_to(opened)
    await opened.send("write_cap", "abc")
    await back_to(opened)
    assert opened.state.cap_error.startswith("Write ")
    await opened.send("start")
    assert len(started(northwind)) == 1


@pytest.mark.sec
def test_no_door_takes_what_cannot_be_kept(northwind):
    request = runs.RunRequest("northwind", "site-auditor", {"start_url": "https://a/\0"}, "once")
    with tenant_session(northwind.id) as session, pytest.raises(InputInvalid, match="Start URL holds a NUL") as refused:
        runs.start(session, request, caller=northwind.owner)
    assert refused.value.errors[0].path == "start_url"


async def test_a_form_that_cannot_show_what_it_begins_with_begins_as_json(northwind, open_agent):
    opened = await open_agent()
    opened.state._begun_with = {"start_url": f"{URL}\nand more", "max_pages": None}
    await opened.send("begin_anew")
    assert (opened.state.mode, json.loads(opened.state.json_text)) == ("json", {"start_url": f"{URL}\nand more"})
    assert opened.state.json_error.startswith("start_url: the form cannot show this value as it is.")
    opened.state._begun_with = {"start_url": URL, "max_pages": None}
    await opened.send("begin_anew")
    assert (opened.state.mode, opened.state.fields[0].value) == ("form", URL)
