"""An agent that nobody offers yet: asked for by anybody, read by reviewers, shown to creators."""

import asyncio

import reflex as rx

from agent_platform.core.policy import REVIEWERS, policy
from agent_platform.services import catalog, identity
from agent_platform.state import _wishes as wishes
from agent_platform.state.session import Session
from agent_platform.views.wishes import WishView

MOST_TASK = 1_000


class AgentRequestForm(Session):
    """The dialog of the directory; what was searched for goes with the request."""

    shown: bool = False
    task: str = ""

    @rx.event
    @policy("public")
    async def show(self, shown: bool) -> None:
        self.shown = shown
        self.task = self.task or self.router.url.query_parameters.get("q", "")[:MOST_TASK]

    @rx.event
    @policy("public")
    async def write(self, value: str) -> None:
        self.task = value[:MOST_TASK]

    @rx.event
    @policy("public", rate="write")
    async def send(self) -> None:
        """A reviewer finds it in their queue."""
        asked = {"searched": self.router.url.query_parameters.get("q", ""), "address": self.router.session.client_ip}
        await asyncio.to_thread(identity.in_platform, catalog.request_agent, task=self.task, **asked)
        self.shown, self.task = False, ""
        await self.say("Sent", note="Creators see it once a reviewer has read it. Nobody is told who asked.")


class AgentRequestQueue(Session):
    showing: str = "loading"
    wishes: list[WishView] = []

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def open(self) -> None:
        self.wishes = await self.in_tenant(wishes.read_queue)
        self.showing = "ready" if self.wishes else "empty"

    @rx.event
    @policy("viewer", platform=REVIEWERS, rate="write")
    async def answer(self, request: str, answer: str) -> None:
        """Creators see a shared one; the queue is read again."""
        await self.in_tenant(wishes.answer, request=request, answer=answer)
        self.wishes = await self.in_tenant(wishes.read_queue)
        self.showing = "ready" if self.wishes else "empty"


class WantedAgents(Session):
    showing: str = "loading"
    wishes: list[WishView] = []

    @rx.event
    @policy("admin", feature="build")
    async def open(self) -> None:
        self.wishes = await self.in_tenant(wishes.read_shared)
        self.showing = "ready" if self.wishes else "empty"
