"""The state behind an agent's page for members, on real rows."""

import json
from dataclasses import replace

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.services import catalog
from agent_platform.state.agent import AgentState
from tests.doubles.tab import Page
from tests.pages.conftest import started
from tests.services.catalog.creators import Creator


async def test_six_clicks_on_one_form_are_one_run(northwind, open_agent):
    opened = await open_agent()
    ways = [await opened.send("start") for _ in range(6)]
    (run,) = started(northwind)
    assert all(shown("run", run.id) in str(way.args) for (way,) in ways)


async def test_clicks_that_arrive_after_the_page_has_turned_are_still_the_same_run(northwind, open_agent):
    opened = await open_agent()
    await opened.send("start")
    opened.go("/runs/run_anything")
    await opened.send("start")
    assert len(started(northwind)) == 1


async def test_another_input_or_cap_in_the_same_form_is_another_run(northwind, open_agent):
    opened = await open_agent()
    await opened.send("start")
    await opened.send("change", "max_pages", "20")
    await opened.send("start")
    await opened.send("write_cap", "0.40")
    await opened.send("start")
    assert [(run.input["max_pages"], run.cap_micro_usd) for run in started(northwind)] == [
        (20, 400_000),
        (20, 500_000),
        (200, 500_000),
    ]


async def test_the_same_input_in_a_form_opened_anew_is_another_run(northwind, open_agent):
    opened = await open_agent()
    await opened.send("start")
    await opened.begin_page()
    await opened.send("open")
    await opened.send("start")
    assert len(started(northwind)) == 2


@pytest.mark.parametrize("typed", ["0,09", "1,000", "NaN", "1e3", "0.0000001", "5000", "-1"])
async def test_a_maximum_cost_that_cannot_be_read_starts_nothing_and_shows_no_figure(northwind, open_agent, typed):
    opened = await open_agent()
    await opened.send("write_cap", typed)
    assert opened.state.cap_error.startswith("Write ")
    assert "$" not in opened.state.quote.typical + opened.state.quote.sentence
    await opened.send("start")
    assert started(northwind) == []
    await opened.send("write_cap", "0.01")
    assert "at most $0.01." in opened.state.quote.sentence
    await opened.send("start")
    assert [run.cap_micro_usd for run in started(northwind)] == [10_000]


async def test_an_own_agent_says_that_its_sandbox_time_is_paid_even_if_it_fails(open_agent):
    facts = {fact.label: fact.value for fact in (await open_agent()).state.agent.facts}
    assert facts["If it fails"] == "you pay the sandbox time until then, and nothing else"


async def test_a_chosen_file_takes_the_place_of_the_sample_text_in_form_and_input(open_agent):
    opened = await open_agent()
    schema = {
        "properties": {
            "file": {"type": "string", "format": "file"},
            "text": {"type": "string", "editor": "code", "prefill": "a,b"},
        }
    }
    opened.state._page = replace(opened.state._page, schema=schema)
    opened.state._raw = {"file": "", "text": "a,b"}
    await opened.send("change", "file", "")
    assert opened.state.fields[1].value == "a,b"
    await opened.send("change", "file", "file_1")
    assert [one.value for one in opened.state.fields] == ["file_1", ""]
    await opened.send("choose_mode", "json")
    assert json.loads(opened.state.json_text) == {"file": "file_1"}


async def test_a_member_reads_what_changed_and_an_admin_accepts_it(northwind, enter, said, settings):
    harbor = Creator("harbor")
    first = harbor.publish()
    with tenant_session(northwind.id) as session:
        catalog.accept_permissions(session, listing_id=harbor.agent.id, release_id=first, by=None)
    harbor.publish(version="1.1.0", permissions={"network": [{"host": "*", "why": "Reads any page."}]})
    enter(northwind.owner)
    opened = Page(AgentState, "/agents/harbor/site-auditor")
    await opened.send("open")
    view = opened.state.agent
    assert [row.title for row in view.permissions if row.change == "new"] == ["Reaches the internet"]
    assert (view.waiting, view.may_accept, opened.state._page.version) == ("1.1.0", True, "1.0.0")
    await opened.send("accept_newest")
    await opened.send("open")
    view = opened.state.agent
    assert (view.waiting, view.compared, opened.state._page.version) == ("", "", "1.1.0")
    assert said == ["Accepted"]


async def test_the_pricing_tab_counts_what_so_many_units_cost(northwind, enter, said, settings):
    Creator("harbor").publish()
    enter(northwind.owner)
    opened = Page(AgentState, "/agents/harbor/site-auditor")
    await opened.send("open")
    assert [one.value for one in opened.state.costs] == ["$20.00"]
    await opened.send("count_units", "2,500")
    assert ([one.value for one in opened.state.costs], opened.state.units_error) == (["$50.00"], "")
    await opened.send("count_units", "many")
    assert (opened.state.costs, opened.state.units_error[:5]) == ([], "Write")
    assert any(line.startswith("Platform at fault: everything refunded") for line in opened.state.agent.promises)
