"""The overview of a workspace; live while it is open."""

import plotly.graph_objects as go
import reflex as rx

from agent_platform.core import live
from agent_platform.core.policy import current_caller, policy
from agent_platform.services import tenancy
from agent_platform.state._overview import OverviewPage, read_overview
from agent_platform.state.session import Session, in_tenant_of, snapshot
from agent_platform.views.overview import OverviewView

PAUSE_SECONDS = 1.0


class OverviewState(Session):
    showing: str = "loading"
    overview: OverviewView = OverviewView()
    runs_figure: go.Figure = go.Figure()
    _turn: int = 0

    @rx.event
    @policy("viewer")
    async def open(self):  # Reflex reads what it yields
        self._show(await self.in_tenant(read_overview))
        return OverviewState.follow

    @rx.event
    @policy("admin")
    async def dismiss_steps(self) -> None:
        await self.in_tenant(tenancy.dismiss_checklist)
        self._show(await self.in_tenant(read_overview))

    @rx.event(background=True)
    @policy("viewer")
    async def follow(self) -> None:
        event = snapshot()
        async with self:
            self._turn += 1
            turn = self._turn
        topics = (f"usage:{current_caller().tenant_id}", f"balance:{current_caller().tenant_id}")
        async for _ in live.nudges(*topics, idle=True, at_most_every=PAUSE_SECONDS):
            page = await in_tenant_of(event, read_overview)
            async with self:
                if self._turn != turn:
                    return
                self._show(page)

    def _show(self, page: OverviewPage) -> None:
        self.overview, self.runs_figure = page.view, page.runs
        self.showing = "ready" if page.has_runs else "empty"
