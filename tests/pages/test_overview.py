"""The first page of a workspace, on real rows."""

import asyncio
import json

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.pages.overview import balance, checklist, overview
from agent_platform.services import catalog, runs
from agent_platform.state.overview import OverviewState
from tests.doubles.running import PER_PAGE, end, make_run, pages, speak
from tests.doubles.tab import Page, until
from tests.factories import caller_of
from tests.services.catalog.creators import Creator

FREE = {"model": "free", "events": {}, "currency": "USD"}
WIDER = {"permissions": {"network": [{"host": "api.example.com", "why": "Reads prices."}]}}


@pytest.fixture
async def page(northwind, enter, said):
    enter(northwind.owner)
    opened = Page(OverviewState, "http://northwind.localhost:3000/overview")
    await opened.send("open")
    return opened


def succeed(workspace, **fields):
    run_id = make_run(workspace, **fields)
    speak(workspace, run_id, {"type": "result", "value": {}})
    end(workspace, run_id)


def ask(workspace, title, **more):
    """A run that waits for this question."""
    run_id = make_run(workspace)
    asked = {"key": "send", "title": title, **more}
    with acting_as("broker"), tenant_session(workspace.id) as session:
        runs.ask(session, run_id=run_id, attempt=1, question=runs.read_question(json.dumps(asked).encode()))
    end(workspace, run_id)
    return run_id


def decide(workspace, run_id):
    with tenant_session(workspace.id) as session:
        (asked,) = runs.list_approvals(session, run_id=run_id)
        runs.decide(session, approval_id=asked.id, approved=True, caller=workspace.owner)


async def test_a_free_agent_has_run_when_a_run_of_one_has_succeeded(northwind, page):
    def first_step():
        return page.state.overview.steps[0].done

    succeed(northwind, price=PER_PAGE)
    end(northwind, make_run(northwind, price=FREE), exit_code=1)
    await page.send("open")
    assert (page.state.showing, first_step(), page.state.overview.steps_done) == ("ready", False, "1 of 3")
    succeed(northwind, price=FREE, is_dry_run=True)
    await page.send("open")
    assert not first_step()
    succeed(northwind, price=FREE)
    await page.send("open")
    assert first_step()


async def test_the_newest_questions_are_shown_with_how_long_they_wait(northwind, page, enter):
    assert page.state.overview.questions == []
    for number in range(4):
        last = ask(northwind, f"Send reply {number}?", role="admin", expires_seconds=3_600)
    await page.send("open")
    first, *others = page.state.overview.questions
    assert [one.title for one in others] == ["Send reply 2?", "Send reply 1?"]
    assert (first.title, first.action, first.href) == ("Send reply 3?", "Decide", f"/runs/{shown('run', last)}")
    assert first.sentence.startswith("Site Auditor asked now. ")
    assert first.sentence.endswith(" left to decide.")
    enter(caller_of(northwind.id, role="member"))
    await page.send("open")
    assert page.state.overview.questions[0].action == "Read"


@pytest.mark.usefixtures("news")
async def test_a_question_appears_and_goes_while_the_page_is_open(northwind, page):
    following = asyncio.create_task(page.follow())
    run_id = ask(northwind, "Send 9 replies?")
    await until(lambda: [one.title for one in page.state.overview.questions] == ["Send 9 replies?"])
    decide(northwind, run_id)
    await until(lambda: page.state.overview.questions == [])
    following.cancel()


async def test_news_say_what_changed_and_lead_to_it(northwind, page):
    harbor = Creator("harbor")
    first = harbor.publish()
    with tenant_session(northwind.id) as session:
        catalog.accept_permissions(session, listing_id=harbor.agent.id, release_id=first, by=None)
    harbor.publish(version="1.1.0", pricing={"model": "per_run", "price": "0.03"}, **WIDER)
    await page.send("open")
    told = {one.title: one for one in page.state.overview.news}
    price, more = told["Site Auditor has a new price"], told["Site Auditor 1.1.0 asks for more"]
    assert price.sentence.startswith("$0.02 / run became $0.03 / run on ")
    assert price.sentence.endswith(", with 1.1.0. Runs stay on 1.0.0 until somebody accepts it.")
    assert more.sentence.endswith("accepted what it may do. Runs stay on 1.0.0 until somebody accepts it.")
    assert (more.slug, more.action, more.href) == ("site-auditor", "Compare", "/agents/harbor/site-auditor")
    with tenant_session(harbor.tenant) as session:
        catalog.withdraw(session, agent_id=harbor.agent.id, by=harbor.by)
    harbor.sync(harbor.agent.id)
    await page.send("open")
    (gone,) = page.state.overview.news
    assert (gone.title, gone.href) == ("Site Auditor was withdrawn", "/runs?agent=harbor/site-auditor")


async def test_spend_is_compared_with_credit_and_cash_and_never_called_a_cap(northwind, page):
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(83))
    await page.send("open")
    view = page.state.overview
    assert view.figures[0].note == "3.3 % of $5.00 credit and cash"
    assert (view.spent_of, view.spent_share) == ("$0.166 of $5.00 credit and cash", "3.3%")
    assert " cap" not in str(balance().render())
    assert (view.spent, view.credit, view.held) == ("$0.166", "$4.50", "$0.334")


async def test_a_dismissed_list_leaves_no_empty_page(northwind, page):
    await page.send("dismiss_steps")
    assert (page.state.showing, page.state.overview.show_steps) == ("empty", False)
    assert "owner" in str(checklist().render())  # a button that its presser may not press is not shown
    assert "Nothing has run here yet" in str(overview().render())
