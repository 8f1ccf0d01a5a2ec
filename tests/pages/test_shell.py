"""The frame around every page, on real rows."""

import asyncio
from dataclasses import replace

import pytest

from agent_platform.core.policy import ANONYMOUS
from agent_platform.pages.agent import head as agent_head
from agent_platform.pages.agent import quote
from agent_platform.pages.overview import overview
from agent_platform.pages.run import head as run_head
from agent_platform.pages.runs import runs
from agent_platform.services import identity
from agent_platform.state._shell import shell_of
from agent_platform.state.callers import forget_all_callers
from agent_platform.state.session import Session
from agent_platform.views.shell import STRANGER
from tests.doubles.running import end, make_run, pages, speak
from tests.doubles.tab import Page, until
from tests.factories import caller_of


@pytest.fixture
async def frame(northwind, enter, said):
    enter(northwind.owner)
    opened = Page(Session, "http://northwind.localhost:3000/overview")
    await opened.send("load_shell")
    return opened


def money(shell):
    return shell.spent, shell.cap_label, shell.cap_note, shell.running


async def test_captured_money_is_spent_and_the_whole_stays_the_same(northwind, frame):
    assert money(frame.state.shell) == ("$0.00", "$5.00", "$5.00 left", 0)
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(83))
    await frame.send("load_shell")
    assert money(frame.state.shell) == ("$0.166", "$5.00", "$4.50 left", 1)
    speak(northwind, run_id, {"type": "result", "value": {}})
    end(northwind, run_id)
    await frame.send("load_shell")
    assert money(frame.state.shell) == ("$0.166", "$5.00", "$4.83 left", 0)


@pytest.mark.usefixtures("news")
async def test_the_frame_moves_with_the_workspace(northwind, frame):
    following = asyncio.create_task(frame.follow("follow_shell"))
    run_id = make_run(northwind)
    speak(northwind, run_id, pages(5))
    await until(lambda: money(frame.state.shell)[:1] == ("$0.01",))
    assert frame.state.shell.running == 1
    speak(northwind, run_id, {"type": "result", "value": {}})
    end(northwind, run_id)
    await until(lambda: frame.state.shell.running == 0)
    assert money(frame.state.shell) == ("$0.01", "$5.00", "$4.99 left", 0)
    following.cancel()


@pytest.mark.parametrize(
    ("path", "href"),
    [
        ("/", "/sign-in"),
        ("/sign-in", "/sign-in"),
        ("/agents/harbor/site-auditor", "/sign-in?next=/agents/harbor/site-auditor"),
    ],
)
def test_a_visitor_comes_back_to_the_page_on_which_sign_in_is_pressed(settings, path, href):
    assert shell_of(ANONYMOUS, path).sign_in == href


async def test_only_a_viewer_is_told_why_there_is_no_run_button(northwind, frame, enter):
    assert frame.state.shell.looks_on == ""
    for role in ("admin", "member"):
        enter(caller_of(northwind.id, role=role))
        await frame.send("load_shell")
        assert frame.state.shell.looks_on == ""
    enter(caller_of(northwind.id, role="viewer"))
    await frame.send("load_shell")
    assert frame.state.shell.looks_on.startswith("You are a viewer here")


@pytest.mark.parametrize("drawn", [agent_head, quote, overview, run_head, runs])
def test_where_run_is_offered_a_viewer_reads_why_not(drawn):
    page = str(drawn().render())
    assert "looks_on" in page


async def test_somebody_the_workspace_does_not_know_reads_so_in_place_of_its_pages(northwind, frame):
    assert not frame.state.shell.is_stranger
    stranger = replace(caller_of(northwind.id), tenant_slug="northwind", role=None)
    shell = shell_of(stranger, "/overview")
    assert (shell.is_stranger, shell.signed_in, shell.workspace_slug) == (True, True, "")
    assert not shell_of(replace(stranger, tenant_id=None, tenant_slug=None)).is_stranger
    assert STRANGER in str(overview().render())


async def test_a_newer_page_takes_over(frame):
    first = asyncio.create_task(frame.follow("follow_shell"))
    await asyncio.sleep(0)
    second = asyncio.create_task(frame.follow("follow_shell"))
    async with asyncio.timeout(20):
        await first
    second.cancel()


@pytest.mark.sec
async def test_nothing_is_told_once_the_session_has_ended(northwind, frame):
    following = asyncio.create_task(frame.follow("follow_shell"))
    identity.in_platform(identity.end_all_sessions, user_id=northwind.owner.user_id)
    forget_all_callers()
    make_run(northwind)
    async with asyncio.timeout(20):
        await following
    assert frame.state.shell.running == 0
