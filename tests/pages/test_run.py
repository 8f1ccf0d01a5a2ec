"""The state behind the page of a run, on real rows."""

import asyncio
from dataclasses import replace

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Forbidden, Unauthenticated
from agent_platform.core.ids import shown
from agent_platform.models.runs import RunState
from agent_platform.services import identity, runs
from agent_platform.state.callers import forget_all_callers
from tests.doubles.running import end, line, make_run, make_workspace, pages, speak
from tests.doubles.tab import until
from tests.factories import caller_of, make_tenant


def cells(state, column=0):
    return [row.cells[column].text for row in state.output.rows]


async def test_a_running_run_shows_its_newest_rows_cost_and_log(northwind, open_run):
    run_id = make_run(northwind)
    speak(
        northwind,
        run_id,
        line("start"),
        pages(83),
        {"type": "progress", "done": 83, "total": 200, "message": "Checking"},
    )
    state = (await open_run(run_id)).state
    assert (state.showing, state.strip.state, state.rows) == ("ready", "running", "83")
    assert (state.strip.cost.lead, state.strip.message) == ("$0.166", "Checking, 83 of 200")
    assert cells(state) == [f"/page/{n}" for n in range(74, 84)]
    assert state.output.words.startswith("Rows 74\N{EN DASH}83 of 83")
    assert [one.text for one in state.lines] == ["start"]
    assert (state.head.can_stop, state.head.finished) == (True, False)


async def test_pages_turn_from_the_newest_rows_back_to_the_first_and_forward_again(northwind, open_run):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(60))
    opened = await open_run(run_id)
    await opened.send("previous_page")
    assert cells(opened.state)[0] == "/page/26"
    await opened.send("previous_page")
    await opened.send("previous_page")
    assert (cells(opened.state)[0], opened.state.output.has_previous) == ("/page/1", False)
    for _ in range(3):
        await opened.send("next_page")
    assert cells(opened.state) == [f"/page/{n}" for n in range(51, 61)]


async def test_an_ended_run_opens_at_its_first_row_and_has_a_last_page(northwind, open_run):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(30), {"type": "result", "value": {"pages": 30}})
    end(northwind, run_id)
    opened = await open_run(run_id)
    assert (len(opened.state.output.rows), cells(opened.state)[0]) == (25, "/page/1")
    assert [(fact.label, fact.value) for fact in opened.state.output.result] == [("Pages read", "30")]
    await opened.send("next_page")
    assert (cells(opened.state)[0], opened.state.output.has_next) == ("/page/26", False)


async def test_rows_are_sorted_found_and_shown_as_json_within_the_page(northwind, open_run):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(9))
    opened = await open_run(run_id)
    await opened.send("sort_by", "path")
    await opened.send("sort_by", "path")
    assert cells(opened.state)[0] == "/page/9"
    await opened.send("find_rows", "/page/3")
    assert cells(opened.state) == ["/page/3"]
    await opened.send("choose_shape", "json")
    assert opened.state.output.json_text.count('"path"') == 1


async def test_each_tab_brings_its_own(northwind, open_run):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(2), line("a"), line("b", "warn"), {"type": "result", "value": {}})
    end(northwind, run_id)
    opened = await open_run(run_id, "?tab=costs")
    state = opened.state
    assert next((row.title, row.units, row.unit_price) for row in state.costs.rows) == (
        "Page checked",
        "2",
        "$0.002000",
    )
    assert state.costs.receipt.signature
    assert sum(1 for row in state.costs.postings if row.what == "Settled at the end") == 4
    await opened.send("choose_tab", "log")
    await opened.send("choose_level", "warn")
    assert [one.text for one in state.lines] == ["b"]
    await opened.send("choose_tab", "timeline")
    assert [one.title for one in state.happenings][-1] == "Succeeded"
    await opened.send("choose_tab", "details")
    assert state.details[0].value == shown("run", run_id)
    assert ("Start URL", "https://docs.northwind.example/", "") in [
        (fact.label, fact.value, fact.note) for fact in state.input
    ]
    assert ("Maximum pages", "200", "pages") in [(fact.label, fact.value, fact.note) for fact in state.input]


async def test_times_are_those_of_the_readers_zone_which_is_named(northwind, open_run, enter):
    run_id = make_run(northwind)
    end(northwind, run_id)
    state = (await open_run(run_id, "?tab=timeline")).state
    before = state.happenings[0].time
    assert state.head.zone == "UTC"
    enter(replace(northwind.owner, time_zone="Asia/Ho_Chi_Minh"))
    opened = await open_run(run_id, "?tab=timeline")
    assert opened.state.head.zone == "Asia/Ho Chi Minh"
    assert int(opened.state.happenings[0].time[:2]) == (int(before[:2]) + 7) % 24


@pytest.mark.sec
async def test_foreign_and_unknown_runs_read_the_same(northwind, open_run):
    globex = make_workspace(tenant_id=make_tenant("globex"))
    foreign = make_run(globex)
    unknown = type(foreign)(int=foreign.int ^ 1)
    states = [(await open_run(run_id)).state for run_id in (foreign, unknown)]
    assert [state.showing for state in states] == ["missing", "missing"]
    assert all(state.head.title == "" for state in states)


async def test_following_shows_new_rows_and_ends_with_the_run(northwind, open_run):
    run_id = make_run(northwind)
    opened = await open_run(run_id)
    following = asyncio.create_task(opened.follow())
    speak(northwind, run_id, pages(3), line("three"))
    await until(lambda: opened.state.rows == "3" and len(opened.state.lines) == 1)
    speak(northwind, run_id, {"type": "result", "value": {}})
    end(northwind, run_id)
    async with asyncio.timeout(20):
        await following
    assert (opened.state.strip.state, opened.state.head.finished) == ("succeeded", True)


async def test_a_newer_follow_takes_over_and_a_turned_page_is_not_overwritten(northwind, open_run):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(60))
    opened = await open_run(run_id)
    first = asyncio.create_task(opened.follow())
    await asyncio.sleep(0)
    second = asyncio.create_task(opened.follow())
    async with asyncio.timeout(20):
        await first
    await opened.send("previous_page")
    speak(northwind, run_id, pages(1, first=61))
    await until(lambda: opened.state.rows == "61")
    assert cells(opened.state)[0] == "/page/26"
    second.cancel()


@pytest.mark.sec
async def test_following_ends_when_the_session_does(northwind, open_run):
    run_id = make_run(northwind)
    opened = await open_run(run_id)
    following = asyncio.create_task(opened.follow())
    identity.in_platform(identity.end_all_sessions, user_id=northwind.owner.user_id)
    forget_all_callers()
    with pytest.raises(Unauthenticated):
        async with asyncio.timeout(20):
            await following


async def test_stopping_asks_first_and_then_stops(northwind, open_run):
    run_id = make_run(northwind)
    opened = await open_run(run_id)
    await opened.send("ask_stop")
    assert opened.state.stop_shown
    assert "30 s to end" in opened.state.strip.stop_effect
    await opened.send("stop")
    assert (opened.state.strip.state, opened.state.stop_shown, opened.state.head.can_stop) == ("stopping", False, False)
    assert opened.state.strip.message.startswith("Stopped by Mara Okafor, ends by")


@pytest.mark.sec
async def test_a_member_cannot_stop_the_run_of_somebody_else(northwind, open_run, enter):
    run_id = make_run(northwind)
    opened = await open_run(run_id)
    enter(caller_of(northwind.id, role="member", name="Jonas"))
    with pytest.raises(Forbidden):
        await opened.send("stop")
    with tenant_session(northwind.id) as session:
        assert runs.get_run(session, run_id=run_id).state == RunState.RUNNING


async def test_the_same_page_opened_again_stays_as_it_was_looked_at(northwind, open_run):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(60))
    opened = await open_run(run_id)
    await opened.send("find_rows", "/page/3")
    await opened.send("previous_page")
    await opened.send("choose_tab", "costs")
    await opened.send("open")
    assert (opened.state.tab, opened.state.rows_find, opened.state.showing) == ("costs", "/page/3", "ready")
    await opened.send("choose_tab", "output")
    assert cells(opened.state) == [f"/page/{n}" for n in (30, *range(31, 40))]
    opened.go(f"http://northwind.localhost:3000/runs/{shown('run', run_id)}?tab=log")
    await opened.send("open")
    assert (opened.state.tab, opened.state.rows_find) == ("log", "")


async def test_another_run_leaves_nothing_of_the_first(northwind, open_run):
    first = make_run(northwind)
    speak(northwind, first, pages(30), line("secret of the first"))
    opened = await open_run(first)
    second = make_run(northwind, state=RunState.QUEUED, title="second")
    opened.go(f"http://northwind.localhost:3000/runs/{shown('run', second)}")
    await opened.send("open")
    assert (opened.state.head.title, opened.state.rows, opened.state.lines) == ("second", "", [])
    assert opened.state.output.rows == []
