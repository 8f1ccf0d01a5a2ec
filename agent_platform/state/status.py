"""The status page: asked when it opens and whenever somebody asks again."""

import asyncio

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.services import outages
from agent_platform.state.session import Session
from agent_platform.views.status import StatusView, status_view


class StatusState(Session):
    showing: str = "loading"
    status: StatusView = StatusView()

    @rx.event
    @policy("public", rate="search")
    async def open(self) -> None:
        self.status = status_view(await asyncio.to_thread(outages.read_status))
        self.showing = "ready"
