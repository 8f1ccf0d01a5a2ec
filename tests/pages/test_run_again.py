"""Running a run again, from its page."""

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.services import runs
from tests.doubles.running import end, make_run, pages, speak


def all_runs(northwind):
    with tenant_session(northwind.id) as session:
        return runs.list_runs(session, wanted=runs.RunFilter()).runs


async def test_a_cap_that_is_no_higher_is_refused_in_the_dialog(northwind, open_run):
    run_id = make_run(northwind, cap_micro_usd=20_000)
    speak(northwind, run_id, pages(17))
    end(northwind, run_id)
    opened = await open_run(run_id)
    assert opened.state.trouble.action == "higher_cap"
    await opened.send("ask_higher_cap")
    assert (opened.state.cap, opened.state.cap_fault) == ("0.04", "")
    await opened.send("write_cap", "0.02")
    assert opened.state.cap_fault.startswith("The cap was $0.02.")
    assert "$" not in opened.state.quote.typical + opened.state.quote.sentence
    assert await opened.send("run_again") == []
    assert [run.id for run in all_runs(northwind)] == [run_id]


async def test_running_again_asks_first_beside_the_quote_and_starts_nothing(northwind, open_run):
    run_id = make_run(northwind)
    end(northwind, run_id)
    opened = await open_run(run_id)
    assert await opened.send("run_again") == []
    await opened.send("ask_again")
    assert (opened.state.again_shown, opened.state.cap, opened.state.cap_fault) == (True, "0.50", "")
    assert opened.state.quote.sentence == "Sandbox time only, at most $0.01667."
    assert [run.id for run in all_runs(northwind)] == [run_id]
    await opened.send("write_cap", "0.01")
    assert opened.state.quote.sentence == "Sandbox time only, at most $0.01."


async def test_running_again_twice_is_one_run_and_leads_to_it(northwind, open_run):
    run_id = make_run(northwind, title="before")
    speak(northwind, run_id, {"type": "result", "value": {}})
    end(northwind, run_id)
    opened = await open_run(run_id)
    await opened.send("ask_again")
    first, second = await opened.send("run_again"), await opened.send("run_again")
    found = all_runs(northwind)
    assert [(run.rerun_of, run.cap_micro_usd, run.state) for run in found[:-1]] == [(run_id, 500_000, "queued")]
    assert all(shown("run", found[0].id) in str(redirect) for *_, redirect in (first, second))
    assert not opened.state.again_shown


async def test_a_click_that_arrives_after_the_page_has_turned_does_not_run_the_new_run_again(northwind, open_run):
    run_id = make_run(northwind)
    end(northwind, run_id)
    opened = await open_run(run_id)
    await opened.send("ask_again")
    await opened.send("run_again")
    newest = all_runs(northwind)[0]
    opened.go(f"http://northwind.localhost:3000/runs/{shown('run', newest.id)}")
    await opened.begin_page()
    await opened.send("open")
    await opened.send("run_again")
    assert len(all_runs(northwind)) == 2


async def test_a_higher_cap_is_a_new_run_with_that_cap(northwind, open_run):
    run_id = make_run(northwind, cap_micro_usd=20_000)
    speak(northwind, run_id, pages(17))
    end(northwind, run_id)
    opened = await open_run(run_id)
    await opened.send("ask_higher_cap")
    await opened.send("write_cap", "$1.25")
    await opened.send("run_again")
    newest = all_runs(northwind)[0]
    assert (newest.rerun_of, newest.cap_micro_usd, opened.state.again_shown) == (run_id, 1_250_000, False)
