"""The list of runs: filters in the URL, live, and a way to stop several at once."""

import reflex as rx

from agent_platform.core import live
from agent_platform.core.ids import parse
from agent_platform.core.policy import current_caller, policy
from agent_platform.services import runs
from agent_platform.state._runs import read_list, stop_if_open
from agent_platform.state.session import Session, in_tenant_of, snapshot
from agent_platform.views.runs import MOST_FIND, Asked, RunListView, asked_of

PAUSE_SECONDS = 0.5
MOST_AT_ONCE = 50


class RunList(Session):
    showing: str = "loading"  # loading, empty, no_match or ready
    listed: RunListView = RunListView()
    find: str = ""
    agent: str = ""
    chosen: list[str] = []
    stop_shown: bool = False
    _asked: Asked = Asked()
    _agents: list[tuple[str, str]] = []
    _turn: int = 0

    @rx.event
    @policy("viewer")
    async def open(self):
        """The runs that the address asks for are shown, then followed."""
        asked = asked_of(self.router.url.query_parameters)
        if asked.find != self._asked.find:
            self.find = asked.find  # typed words come back by the address and must not undo later keys
        self._asked, self.agent = asked, asked.agent_ref
        if not self._is_back:
            self.chosen, self.stop_shown = [], False
        self._agents = await self.in_tenant(runs.list_agents_run)
        self._show(await self.in_tenant(read_list, asked=asked, agents=self._agents))
        return RunList.follow

    @rx.event(background=True)
    @policy("viewer")
    async def follow(self) -> None:
        """The list moves with the runs of the workspace."""
        event, topic = snapshot(), f"usage:{current_caller().tenant_id}"
        async with self:
            self._turn += 1
            turn, asked, agents = self._turn, self._asked, self._agents
            idle = not self.listed.some_go_on
        while True:
            async for _ in live.nudges(topic, idle=idle, at_most_every=PAUSE_SECONDS):
                page = await in_tenant_of(event, read_list, asked=asked, agents=agents)
                async with self:
                    if self._turn != turn:
                        return
                    self._show(page)
                if page.some_go_on == idle:
                    break
            idle = not idle  # while runs go on their time and charge are looked at more often

    @rx.event
    @policy("viewer", rate="search")
    async def find_runs(self, words: str):
        self.find = words[:MOST_FIND]
        self._asked = Asked(self._asked.group, self._asked.agent_ref, self.find.strip())
        return rx.redirect(self._asked.address(), replace=True)

    @rx.event
    @policy("viewer")
    async def choose_agent(self, agent_ref: str):
        return rx.redirect(self._asked.address(agent=agent_ref[:120]))

    @rx.event
    @policy("member")
    async def choose(self, run_id: str) -> None:
        """Chosen or not chosen any more, among the runs that can be stopped."""
        can = [row.id for row in self.listed.rows if row.can_stop]
        kept = [one for one in self.chosen if one != run_id]
        self.chosen = kept if run_id in self.chosen or run_id not in can else [*kept, run_id]

    @rx.event
    @policy("member")
    async def choose_all(self) -> None:
        can = [row.id for row in self.listed.rows if row.can_stop]
        self.chosen = [] if len(self.chosen) == len(can) else can

    @rx.event
    @policy("member")
    async def set_stop_shown(self, shown: bool) -> None:
        self.stop_shown = shown and bool(self.chosen)

    @rx.event
    @policy("member", rate="write")
    async def stop_chosen(self):
        """Each chosen run is being stopped, each in its own transaction; ended ones are left as they are."""
        self.stop_shown, wanted, self.chosen = False, self.chosen[:MOST_AT_ONCE], []
        yield  # shut before it may be refused
        stopped = [await self.in_tenant(stop_if_open, run_id=parse("run", one)) for one in wanted]
        ended = len(stopped) - sum(stopped)
        await self.say(
            f"Stopping {sum(stopped)} run{'' if sum(stopped) == 1 else 's'}",
            note=f"{ended} had ended already. Stored rows are kept and paid."
            if ended
            else "Stored rows are kept and paid.",
        )
        self._show(await self.in_tenant(read_list, asked=self._asked, agents=self._agents))

    def _show(self, listed: RunListView) -> None:
        showing = "ready" if listed.rows else "no_match" if listed.is_filtered else "empty"
        if listed != self.listed:
            self.listed = listed
        if showing != self.showing:
            self.showing = showing
        can = {row.id for row in listed.rows if row.can_stop}
        if not can.issuperset(self.chosen):
            self.chosen = [one for one in self.chosen if one in can]
