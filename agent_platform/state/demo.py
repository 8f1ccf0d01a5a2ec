"""The page of a demo: a run's page for the visitor who has its key, and nobody else."""

import asyncio
from contextlib import suppress
from functools import partial

import reflex as rx

from agent_platform.core.policy import current_caller, policy
from agent_platform.services.visitors import DemoGone
from agent_platform.state._demo import read_demo, see_demo
from agent_platform.state._run import Looking, RunSight
from agent_platform.state._run_page import RunShown, Sees, run_controls
from agent_platform.state.session import Session
from agent_platform.views.demo import DemoView

TABS = ("output", "log", "input")
PAUSE_SECONDS = 0.5
MOST_KEY = 100


class DemoPage(RunShown, run_controls("public", tabs=TABS), Session):
    demo: DemoView = DemoView()
    way_on: str = ""  # to the same agent with an account
    _key: str = ""

    @rx.event
    @policy("public", rate="search")
    async def open(self):
        """The demo of the address is shown as it is now, then followed."""
        path = self.router.url.path.rstrip("/")
        if (path, self.showing) != (self.address, "ready"):
            self._forget(path)
        yield
        try:
            terms = await asyncio.to_thread(read_demo, self._key)
            self.demo = terms.view
            await self._begin(terms.run)
        except DemoGone:
            self.showing, self._looking = "missing", None
            return
        self.way_on = self._way_on(self.head.agent_href)
        self.showing = "ready"
        yield DemoPage.follow

    @rx.event(background=True)
    @policy("public")
    async def follow(self) -> None:
        """The page moves with the run until it has ended, somebody leaves, or the demo is deleted."""
        with suppress(DemoGone):
            await self._follow(pause_seconds=PAUSE_SECONDS)

    def _forget(self, path: str, tab: str = "output") -> None:
        super()._forget(path, tab)
        self._key, self.demo = path.rpartition("/")[2][:MOST_KEY], DemoView()

    async def _see(self, looking: Looking) -> RunSight:
        """Raises: DemoGone."""
        return await self._watch()(looking)

    def _watch(self) -> Sees:
        return partial(asyncio.to_thread, see_demo, self._key)

    def _way_on(self, agent_href: str) -> str:
        """To a workspace of one's own with this agent, or to an account: what comes next leads back here within the hour."""
        if current_caller().user_id is None:
            return f"/sign-in?next={self.address}"
        first = next(iter(self.shell.workspaces), None)
        return f"/auth/switch?to={first.slug}&next={agent_href}" if first else "/start"
