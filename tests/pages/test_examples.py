"""Example pages, the form they fill, the dialog that makes one and the studio that keeps them, as handlers see it."""

from dataclasses import replace

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Forbidden, Unauthenticated
from agent_platform.core.ids import new_id, shown
from agent_platform.core.policy import ANONYMOUS, Policy, policy_of, require
from agent_platform.services import examples, runs
from agent_platform.state.agent import AgentState
from agent_platform.state.callers import CheckedEvent, Visitor, enter_event
from agent_platform.state.examples import ExamplePage, ExamplesTab, StudioExamples
from agent_platform.state.run import RunPage
from tests.doubles.tab import Page
from tests.services.examples.maker import Maker

AGENT = "/agents/maker/counter"


@pytest.fixture
def maker(settings, enter, said) -> Maker:
    maker = Maker()
    maker.caller = replace(maker.caller, tenant_slug="maker")
    enter(maker.caller)
    return maker


@pytest.fixture
def shown_example(maker) -> Maker:
    maker.save(maker.finish(rows=30, value={"total": 30}))
    maker.work()
    return maker


def visitor() -> None:
    enter_event(CheckedEvent(Visitor(None, "localhost:3000"), Policy("public")), ANONYMOUS)


async def opened(kind, address) -> Page:
    page = Page(kind, address)
    await page.send("open")
    return page


async def test_a_visitor_reads_an_example_and_turns_its_pages(shown_example):
    visitor()
    page = await opened(ExamplePage, f"{AGENT}/examples/three-rows")
    state = page.state
    assert (state.showing, state.example.title, state.example.address) == ("ready", "Three rows", "maker/counter")
    assert [(one.label, one.value) for one in state.example.given] == [("Number", "3")]
    assert (len(state.output.rows), state.output.words) == (25, "Rows 1\N{EN DASH}25 of 30.")
    await page.send("next_page")
    await page.send("next_page")
    assert state.output.words == "Rows 26\N{EN DASH}30 of 30."
    await page.send("previous_page")
    await page.send("sort_by", "i")
    await page.send("sort_by", "i")
    assert [row.cells[0].text for row in state.output.rows][:2] == ["24", "23"]
    await page.send("find_rows", "2")
    assert state.output.words.startswith("Rows 1\N{EN DASH}25 of 30, ")
    await page.send("choose_shape", "json")
    assert (state.output.kind, state.output.shape) == ("json", "json")
    await page.send("choose_shape", "nonsense")
    assert state.output.kind == "table"


@pytest.mark.parametrize("address", [f"{AGENT}/examples/nothing", "/agents/a/b/examples/c", f"{AGENT}/examples", "/x"])
async def test_what_is_no_example_is_missing(shown_example, address):
    visitor()
    page = await opened(ExamplePage, address)
    assert page.state.showing == "missing"
    await page.send("next_page")
    assert page.state.showing == "missing"


async def test_the_tab_lists_them_when_it_is_opened(shown_example):
    visitor()
    page = Page(AgentState, AGENT)
    await page.send("open")
    assert page.state.examples == "1"
    assert await page.send("choose_tab", "examples") == [ExamplesTab.open]
    tab = await opened(ExamplesTab, AGENT)
    assert [(one.title, one.href) for one in tab.state.rows] == [("Three rows", f"{AGENT}/examples/three-rows")]
    assert (await opened(ExamplesTab, "/agents/maker/nothing")).state.rows == []


async def test_a_form_begins_with_the_input_of_an_example_also_after_signing_in(shown_example):
    visitor()
    page = await opened(AgentState, f"{AGENT}?tab=run&example=three-rows")
    state = page.state
    assert [(one.name, one.value) for one in state.fields] == [("n", "3")]
    assert (state.filled.title, state.filled.href, state.filled.gone) == (
        "Three rows",
        f"{AGENT}/examples/three-rows",
        False,
    )
    assert state.run_link == f"/sign-in?next={AGENT}?tab=run%26example=three-rows"
    again = await opened(AgentState, f"{AGENT}?tab=run")
    assert ([one.value for one in again.state.fields], again.state.filled.title) == ([""], "")


async def test_a_member_of_another_workspace_runs_the_agent_with_that_input(shown_example, enter):
    enter(shown_example.stranger_caller)
    page = await opened(AgentState, f"{AGENT}?tab=run&example=three-rows")
    assert (page.state.filled.title, page.state.run_link) == ("Three rows", "")
    await page.send("start")
    with tenant_session(shown_example.stranger) as session:
        (run,) = runs.list_runs(session, wanted=runs.RunFilter()).runs
    assert (run.input, run.agent_ref) == ({"n": 3}, "maker/counter")


@pytest.mark.parametrize("example", ["nothing", "<script>", "%00", "x" * 3_000])
async def test_a_form_says_that_its_example_is_gone(shown_example, example):
    visitor()
    page = await opened(AgentState, f"{AGENT}?tab=run&example={example}")
    assert (page.state.showing, page.state.filled.gone, page.state.filled.title) == ("ready", True, "")
    assert page.state.run_link == f"/sign-in?next={AGENT}?tab=run"


async def test_a_publisher_saves_a_run_from_its_page(maker, said):
    run_id = maker.finish()
    page = await opened(RunPage, f"/runs/{shown('run', run_id)}")
    assert (page.state.example.offered, page.state.example.why_not, page.state.example.href) == (True, "", "")
    await page.send("ask_example")
    assert page.state.example_shown is True
    await page.send("write_example_title", "Three rows")
    await page.send("write_example_line", "Counts to three.")
    await page.send("save_example")
    assert said == ["Saved as an example"]
    assert (page.state.example_shown, page.state.example.href) == (False, f"{AGENT}/examples/three-rows")
    maker.work()
    assert (await opened(ExamplePage, page.state.example.href)).state.showing == "ready"


async def test_a_run_that_cannot_be_an_example_says_why(maker):
    maker.release_is("yanked")
    page = await opened(RunPage, f"/runs/{shown('run', maker.finish())}")
    assert page.state.example.why_not.startswith("Version 1.0.0 of this agent is not public.")
    await page.send("write_example_title", "x")
    await page.send("write_example_line", "x")
    with pytest.raises(examples.ExampleRefused):
        await page.send("save_example")


async def test_others_are_offered_nothing(maker, enter):
    own = maker.finish()
    enter(replace(maker.caller, role="member", features=()))
    assert (await opened(RunPage, f"/runs/{shown('run', own)}")).state.example.offered is False
    maker.consumer, maker.caller = maker.stranger, maker.stranger_caller
    bought = maker.finish("bought")
    enter(maker.stranger_caller)
    assert (await opened(RunPage, f"/runs/{shown('run', bought)}")).state.example.offered is False
    assert (await opened(RunPage, f"/runs/{shown('run', own)}")).state.showing == "missing"


async def test_the_studio_renames_and_removes(shown_example, said):
    page = await opened(StudioExamples, "/studio/agents/counter")
    assert page.state.count == "1 of 20"
    await page.send("ask_rename", page.state.rows[0].id)
    assert (page.state.renaming, page.state.title, page.state.line) == (True, "Three rows", "Counts to three.")
    await page.send("write_title", "Thirty rows")
    await page.send("rename")
    assert (page.state.renaming, page.state.rows[0].title) == (False, "Thirty rows")
    await page.send("ask_remove", page.state.rows[0].id)
    await page.send("remove")
    assert (said, page.state.rows, page.state.count) == (["Saved", "Removed"], [], "0 of 20")
    shown_example.work()
    assert shown_example.read() == []


@pytest.mark.sec
def test_visitors_and_members_reach_no_handler_that_changes_examples():
    studio = (
        "open",
        "ask_rename",
        "set_renaming",
        "write_title",
        "write_line",
        "rename",
        "ask_remove",
        "set_removing",
        "remove",
    )
    run = ("ask_example", "write_example_title", "write_example_line", "save_example")
    member = replace(ANONYMOUS, user_id=new_id(), role="member")
    for state, name in [*((StudioExamples, name) for name in studio), *((RunPage, name) for name in run)]:
        wanted = policy_of(state.event_handlers[name].fn)
        with pytest.raises(Unauthenticated):
            require(ANONYMOUS, wanted)
        with pytest.raises(Forbidden):
            require(member, wanted)
