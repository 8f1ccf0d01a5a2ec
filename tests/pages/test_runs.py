"""The state behind the list of runs, on real rows."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.models.runs import RunState
from agent_platform.services import runs
from agent_platform.state.runs import RunList
from agent_platform.views.runs import Asked, asked_of
from tests.doubles.running import end, make_run, make_workspace, pages, speak
from tests.doubles.tab import Page, until
from tests.factories import caller_of, make_tenant


@pytest.fixture
def listed(northwind, enter, said):
    enter(northwind.owner)

    async def listed(query=""):
        opened = Page(RunList, f"http://northwind.localhost:3000/runs{query}")
        await opened.send("open")
        return opened

    return listed


def titles(opened):
    return [row.title for row in opened.state.listed.rows]


async def test_runs_come_newest_first_with_exact_charges(northwind, listed):
    first, second = make_run(northwind, title="first"), make_run(northwind, title="second")
    speak(northwind, first, pages(3))
    opened = await listed()
    assert titles(opened) == ["second", "first"]
    row = opened.state.listed.rows[1]
    assert (row.charged.lead + row.charged.tail, row.href) == ("$0.006000", f"/runs/{shown('run', first)}")
    assert opened.state.listed.groups[1].count == "2"
    assert opened.state.showing == "ready"
    assert second != first


async def test_the_address_holds_the_filters(northwind, listed):
    done = make_run(northwind, title="done 100%")
    speak(northwind, done, {"type": "result", "value": {}})
    end(northwind, done)
    make_run(northwind, title="going on")
    assert titles(await listed("?state=succeeded")) == ["done 100%"]
    assert titles(await listed("?state=open")) == ["going on"]
    assert titles(await listed("?state=running")) == ["going on"]
    assert titles(await listed("?q=100%25")) == ["done 100%"]
    assert titles(await listed("?agent=northwind/site-auditor&state=nonsense")) == ["going on", "done 100%"]
    none = await listed("?agent=other/agent")
    assert (titles(none), none.state.showing) == ([], "no_match")


async def test_a_workspace_without_runs_is_told_how_to_begin(northwind, listed):
    assert (await listed()).state.showing == "empty"


async def test_older_runs_are_one_link_away_and_keep_the_filters(northwind, listed):
    for number in range(53):
        make_run(northwind, title=f"run {number}", cap_micro_usd=20_000)
    opened = await listed("?q=run")
    assert len(titles(opened)) == 50
    older = urlsplit(opened.state.listed.older_href)
    assert parse_qs(older.query)["q"] == ["run"]
    rest = await listed(f"?{older.query}")
    assert titles(rest) == ["run 2", "run 1", "run 0"]
    assert (rest.state.listed.older_href, rest.state.listed.newest_href) == ("", "/runs?q=run")


async def test_a_forged_cursor_starts_from_the_top(northwind, listed):
    make_run(northwind, title="mine")
    assert titles(await listed("?before=bm9uc2Vuc2U=")) == ["mine"]


@pytest.mark.sec
async def test_runs_of_another_workspace_are_not_listed(northwind, listed):
    make_run(make_workspace(tenant_id=make_tenant("globex")), title="foreign")
    assert titles(await listed("?q=foreign")) == []


async def test_typing_goes_into_the_address_and_begins_at_the_newest(northwind, listed):
    opened = await listed("?state=open&before=x")
    await opened.send("find_runs", "  docs ")
    assert opened.state._asked.address() == "/runs?state=open&q=docs"
    opened.state.find = "  docs and more"
    opened.go("http://northwind.localhost:3000/runs?state=open&q=docs")
    await opened.send("open")
    assert opened.state.find == "  docs and more"


async def test_several_runs_are_stopped_at_once_and_ended_ones_left_alone(northwind, listed, said):
    running = [make_run(northwind, title=f"{n}") for n in range(3)]
    opened = await listed()
    await opened.send("choose_all")
    assert len(opened.state.chosen) == 3
    await opened.send("choose", shown("run", running[0]))
    await opened.send("set_stop_shown", True)
    speak(northwind, running[1], {"type": "result", "value": {}})
    end(northwind, running[1])
    await opened.send("stop_chosen")
    with tenant_session(northwind.id) as session:
        states = [runs.get_run(session, run_id=run_id).state for run_id in running]
    assert states == [RunState.RUNNING, RunState.SUCCEEDED, RunState.STOPPING]
    assert said == ["Stopping 1 run"]
    assert (opened.state.chosen, opened.state.stop_shown) == ([], False)


async def test_only_runs_that_one_may_stop_can_be_chosen(northwind, listed, enter):
    theirs = make_run(northwind, title="theirs")
    member = caller_of(northwind.id, role="member", name="Jonas")
    own = make_run(northwind, title="own", by=member)
    opened = await listed()
    enter(member)
    await opened.send("open")
    await opened.send("choose", shown("run", theirs))
    await opened.send("choose", shown("run", own))
    assert opened.state.chosen == [shown("run", own)]


async def test_following_shows_new_runs(northwind, listed):
    make_run(northwind, title="old")
    opened = await listed()
    following = asyncio.create_task(opened.follow())
    make_run(northwind, title="new")
    await until(lambda: titles(opened) == ["new", "old"])
    following.cancel()
    assert opened.state.listed.groups[1].count == "2"


def test_filters_are_cut_to_what_makes_sense():
    asked = asked_of({"state": "<script>", "q": "x" * 500, "agent": "a" * 500})
    assert (asked.group, len(asked.find), len(asked.agent_ref)) == ("", 100, 120)
    assert Asked("open", "a/b", "x & y").address(state="failed") == "/runs?state=failed&agent=a%2Fb&q=x+%26+y"
