"""The studio: agents of this workspace, uploads, versions, publication."""

import reflex as rx

from agent_platform.core import live
from agent_platform.core.errors import AppError
from agent_platform.core.policy import current_caller, policy
from agent_platform.state import _studio as studio
from agent_platform.state.session import Session, in_tenant_of, snapshot
from agent_platform.views.studio import AgentRowView, MistakeView, StudioAgentView


class StudioState(Session):
    showing: str = "loading"
    agents: list[AgentRowView] = []

    @rx.event
    @policy("admin", feature="build")
    async def open(self) -> None:
        self.agents = await self.in_tenant(studio.read_agents, archived=False)
        self.showing = "ready" if self.agents else "empty"


class UploadState(Session):
    """The new-agent page. A refused bundle shows every mistake and leaves nothing behind."""

    file_id: str = ""
    refused: str = ""
    mistakes: list[MistakeView] = []

    @rx.event
    @policy("admin", feature="build")
    async def open(self) -> None:
        if not self._is_back:
            self.file_id, self.refused, self.mistakes = "", "", []

    @rx.event
    @policy("admin", feature="build", rate="upload")
    async def take(self, file_id: str):
        """The chosen zip is checked and built, or refused with every mistake named."""
        if not file_id:
            return None
        self.refused, self.mistakes = "", []
        try:
            slug = await self.in_tenant(studio.upload_bundle, file_id=file_id)
        except AppError as error:
            self.refused = error.sentence
            self.mistakes = [MistakeView(problem.path, problem.message) for problem in error.errors]
            await self.in_tenant(studio.forget_upload, file_id=file_id)
            return None
        page = await self.get_state(StudioAgentState)
        page.address = ""  # what it knew of this agent has just become old
        return rx.redirect(f"/studio/agents/{slug}")


class StudioAgentState(Session):
    address: str = ""  # of the page that these values belong to
    showing: str = "loading"
    agent: StudioAgentView = StudioAgentView()
    submit_to: str = "public"
    message: str = ""
    asking_withdraw: bool = False
    _turn: int = 0

    @rx.event
    @policy("admin", feature="build")
    async def open(self):
        path = self.router.url.path.rstrip("/")
        if not self._is_back or self.address != path:
            self.showing, self.message, self.asking_withdraw = "loading", "", False
        await self._load()
        self.address = path
        return StudioAgentState.follow

    @rx.event(background=True)
    @policy("admin", feature="build")
    async def follow(self) -> None:
        """Builds and decisions appear without a reload."""
        event = snapshot()
        async with self:
            self._turn += 1
            turn, slug = self._turn, self.agent.slug
        async for _ in live.nudges(f"builds:{current_caller().tenant_id}"):
            view = await in_tenant_of(event, studio.read_agent, slug=slug)
            async with self:
                if self._turn != turn:
                    return
                if view != self.agent:
                    self.agent = view

    @rx.event
    @policy("admin", feature="build")
    async def show_within(self, value: str) -> None:
        """Chosen is done: the field shows what holds."""
        await self.in_tenant(studio.show_within, slug=self.agent.slug, visibility=value)
        await self._load()

    @rx.event
    @policy("admin", feature="build")
    async def choose_submit(self, value: str) -> None:
        self.submit_to = value

    @rx.event
    @policy("admin", feature="build")
    async def write_message(self, value: str) -> None:
        self.message = value[:2_000]

    @rx.event
    @policy("admin", feature="build")
    async def make_stable(self, version: str) -> None:
        await self.in_tenant(studio.make_stable, slug=self.agent.slug, version=version)
        await self.say("Released", note="Runs use this version from now on.")
        await self._load()

    @rx.event
    @policy("admin", feature="build")
    async def rebuild(self, version: str) -> None:
        await self.in_tenant(studio.rebuild_version, version=version)
        await self._load()

    @rx.event
    @policy("admin", feature="build", rate="write")
    async def cancel_build(self, build: str) -> None:
        await self.in_tenant(studio.cancel_build, build=build)
        await self._load()

    @rx.event
    @policy("admin")
    async def submit(self, version: str) -> None:
        await self.in_tenant(studio.submit_version, version=version, visibility=self.submit_to, message=self.message)
        await self.say("Sent for review", note="The version is frozen until a reviewer decides.")
        await self._load()

    @rx.event
    @policy("admin")
    async def take_back(self, request: str) -> None:
        await self.in_tenant(studio.withdraw_request, request=request)
        await self._load()

    @rx.event
    @policy("admin")
    async def ask_withdraw(self, shown: bool) -> None:
        self.asking_withdraw = shown

    @rx.event
    @policy("admin")
    async def withdraw(self):
        self.asking_withdraw = False
        yield  # shut before it may be refused
        await self.in_tenant(studio.withdraw_agent, slug=self.agent.slug)
        await self.say("Withdrawn", note="The directory no longer offers this agent; runs under way go on.")
        await self._load()

    @rx.event
    @policy("admin", feature="build")
    async def archive(self, archived: bool) -> None:
        await self.in_tenant(studio.set_archived, slug=self.agent.slug, archived=archived)
        await self._load()

    async def _load(self) -> None:
        slug = self.router.url.path.rstrip("/").rpartition("/")[2]
        self.agent = await self.in_tenant(studio.read_agent, slug=slug)
        self.showing = "ready"
