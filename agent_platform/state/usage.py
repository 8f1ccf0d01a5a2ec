"""The usage page: filters in the URL, figures that follow the runs."""

import plotly.graph_objects as go
import reflex as rx

from agent_platform.core import live
from agent_platform.core.policy import current_caller, policy
from agent_platform.state._usage import UsagePage, read_usage
from agent_platform.state.session import Session, in_tenant_of, snapshot
from agent_platform.views.parts import OptionView
from agent_platform.views.usage import RANGE_NAMES, UsageView

DEFAULT_RANGE = "30d"
PAUSE_SECONDS = 1.0


class UsageState(Session):
    range: str = DEFAULT_RANGE
    agent: str = ""
    showing: str = "loading"
    usage: UsageView = UsageView()
    agent_options: list[OptionView] = []  # Reflex copies defaults
    spend_figure: go.Figure = go.Figure()
    runs_figure: go.Figure = go.Figure()
    times_figure: go.Figure = go.Figure()
    running_figure: go.Figure = go.Figure()
    _turn: int = 0

    @rx.event
    @policy("viewer")
    async def open(self):  # Reflex reads what it yields
        """The page shows the period and agent of its URL, then follows."""
        asked = self.router.url.query_parameters
        self.range = asked.get("range", DEFAULT_RANGE) if asked.get("range") in RANGE_NAMES else DEFAULT_RANGE
        self.agent = asked.get("agent", "")[:120]
        self._show(await self.in_tenant(read_usage, range_name=self.range, agent_ref=self.agent))
        return UsageState.follow

    @rx.event
    @policy("viewer")
    async def choose_range(self, value: str):
        return rx.redirect(f"/usage?range={value}&agent={self.agent}")

    @rx.event
    @policy("viewer")
    async def choose_agent(self, value: str):
        return rx.redirect(f"/usage?range={self.range}&agent={value}")

    @rx.event(background=True)
    @policy("viewer")
    async def follow(self) -> None:
        """Figures move with the workspace's runs, at most once a second."""
        event = snapshot()
        async with self:
            self._turn += 1
            turn, range_name, agent = self._turn, self.range, self.agent
        topics = (f"usage:{current_caller().tenant_id}", f"balance:{current_caller().tenant_id}")
        async for _ in live.nudges(*topics, idle=True, at_most_every=PAUSE_SECONDS):
            page = await in_tenant_of(event, read_usage, range_name=range_name, agent_ref=agent)
            async with self:
                if self._turn != turn:
                    return
                self._show(page)

    def _show(self, page: UsagePage) -> None:
        self.usage, self.agent_options = page.view, page.agents
        self.spend_figure, self.runs_figure = page.spend, page.runs
        self.times_figure, self.running_figure = page.times, page.running
        self.showing = "empty" if page.is_empty else "ready"
