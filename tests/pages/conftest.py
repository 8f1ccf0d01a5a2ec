import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from reflex_base.event.context import EventContext

from agent_platform.core import live
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import digest, shown
from agent_platform.core.policy import Caller, Policy
from agent_platform.core.queue import redis
from agent_platform.services import identity, runs
from agent_platform.state.agent import AgentState
from agent_platform.state.callers import CheckedEvent, Visitor, enter_event, forget_all_callers
from agent_platform.state.run import RunPage
from tests.doubles.running import Workspace, make_workspace
from tests.doubles.tab import Page, until
from tests.factories import caller_of, make_tenant, make_user

AGENT = "/agents/northwind/site-auditor"


def started(northwind):
    with tenant_session(northwind.id) as session:
        return runs.list_runs(session, wanted=runs.RunFilter()).runs


@pytest.fixture
def northwind(settings) -> Workspace:
    owner = make_user("Mara Okafor")
    tenant_id = make_tenant("northwind", owner=owner)
    return make_workspace(tenant_id=tenant_id, owner=caller_of(tenant_id, owner))


@pytest.fixture
def enter(settings) -> Callable[[Caller], None]:
    """From here on events come from this caller, who has a session on the workspace's host."""

    def enter(caller: Caller) -> None:
        host = f"northwind.{settings.base_netloc}"
        assert caller.user_id is not None
        browser = identity.Browser(host, "test", "127.0.0.1")
        token = identity.in_platform(identity.open_session, user_id=caller.user_id, browser=browser)
        forget_all_callers()
        enter_event(CheckedEvent(Visitor(digest(token), host), Policy("viewer")), caller)

    return enter


@pytest.fixture
async def news(settings):
    """What services publish wakes those who follow it, as in a web process."""
    listening = asyncio.create_task(live.subscribe())
    await until(lambda: bool(redis().pubsub_numsub(live.CHANNEL)[0][1]))
    yield
    listening.cancel()


@pytest.fixture
def said():
    """Notices that handlers send to the browser."""
    sent: list[str] = []

    async def keep(_token: str, delta: Any) -> None:
        for values in delta.values():
            sent.extend(value.title for value in values.values() if getattr(value, "title", ""))

    async def drop(_token: str, *_events: Any) -> None:
        return None

    context = EventContext(token="tab", state_manager=None, enqueue_impl=drop, emit_delta_impl=keep)
    EventContext.set(context)
    return sent


@pytest.fixture
def open_run(northwind, enter, said):
    enter(northwind.owner)

    async def open_run(run_id, query=""):
        opened = Page(RunPage, f"http://northwind.localhost:3000/runs/{shown('run', run_id)}{query}")
        await opened.send("open")
        return opened

    return open_run


@pytest.fixture
def open_agent(northwind, enter, said):
    enter(northwind.owner)

    async def open_agent(address=AGENT):
        opened = Page(AgentState, address)
        await opened.send("open")
        return opened

    return open_agent
