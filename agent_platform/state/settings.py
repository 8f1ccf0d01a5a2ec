"""Workspace and members."""

from dataclasses import replace

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.state import _settings as settings
from agent_platform.state._logo import Logo
from agent_platform.state.session import Session
from agent_platform.views.settings import MembersView, WorkspaceView


class WorkspaceState(Logo, Session):
    showing: str = "loading"
    workspace: WorkspaceView = WorkspaceView()
    name: str = ""
    slug: str = ""
    time_zone: str = "UTC"
    asking_leave: bool = False

    @rx.event
    @policy("viewer")
    async def open(self) -> None:
        if self._is_back and self.showing == "ready":
            await self._read()
        else:
            await self._load()

    @rx.event
    @policy("admin")
    async def write_name(self, value: str) -> None:
        self.name = value

    @rx.event
    @policy("admin")
    async def write_slug(self, value: str) -> None:
        self.slug = value.strip()

    @rx.event
    @policy("admin")
    async def choose_time_zone(self, value: str) -> None:
        self.time_zone = value

    @rx.event
    @policy("admin")
    async def save(self) -> None:
        await self.in_tenant(settings.save_workspace, name=self.name, time_zone=self.time_zone)
        await self.say("Saved")
        await self._load()

    @rx.event
    @policy("admin")
    async def move(self) -> None:
        path = await self.in_tenant(settings.move_workspace, slug=self.slug)
        await self.leave_for(path)

    @rx.event
    @policy("viewer")
    async def ask_leave(self, shown: bool) -> None:
        self.asking_leave = shown

    @rx.event
    @policy("viewer")
    async def leave(self):
        self.asking_leave = False
        yield  # shut before it may be refused: what fails takes its changes with it
        await self.in_tenant(settings.leave_workspace)
        await self.leave_for("/")

    async def _show_logo(self) -> None:
        self.upload = ""
        await self._read()
        self.shell = replace(self.shell, logo=self.workspace.logo)

    async def _load(self) -> None:
        self.asking_leave, self.upload = False, ""
        await self._read()
        self.name, self.slug, self.time_zone = self.workspace.name, self.workspace.slug, self.workspace.time_zone
        self.showing = "ready"

    async def _read(self) -> None:
        """What is not typed."""
        self.workspace = await self.in_tenant(settings.read_workspace)


class MembersState(Session):
    showing: str = "loading"
    people: MembersView = MembersView()
    email: str = ""
    role: str = "member"
    removing: str = ""
    removing_name: str = ""

    @rx.event
    @policy("viewer")
    async def open(self) -> None:
        if not self._is_back:
            self.removing = ""
        await self._read()

    @rx.event
    @policy("admin")
    async def write_email(self, value: str) -> None:
        self.email = value

    @rx.event
    @policy("admin")
    async def choose_role(self, value: str) -> None:
        self.role = value

    @rx.event
    @policy("admin", rate="invite")
    async def invite(self) -> None:
        address = await self.in_tenant(settings.invite, email=self.email, role=self.role)
        self.email = ""
        await self.say("Invited", note=f"{address} has a link that works once, for 7 days.")
        await self._load()

    @rx.event
    @policy("admin")
    async def revoke_invitation(self, invitation: str) -> None:
        await self.in_tenant(settings.revoke_invitation, invitation=invitation)
        await self._load()

    @rx.event
    @policy("admin")
    async def change_role(self, member: str, role: str) -> None:
        await self.in_tenant(settings.change_role, member=member, role=role)
        await self._load()

    @rx.event
    @policy("admin")
    async def toggle_build(self, member: str) -> None:
        await self.in_tenant(settings.toggle_build, member=member)
        await self._load()

    @rx.event
    @policy("admin")
    async def ask_remove(self, member: str, name: str) -> None:
        self.removing, self.removing_name = member, name

    @rx.event
    @policy("admin")
    async def close_remove(self, shown: bool) -> None:
        if not shown:
            self.removing = ""

    @rx.event
    @policy("admin")
    async def remove(self):
        member, self.removing = self.removing, ""
        yield  # shut before it may be refused
        await self.in_tenant(settings.remove_member, member=member)
        await self._load()

    async def _load(self) -> None:
        self.removing = ""
        await self._read()

    async def _read(self) -> None:
        self.people = await self.in_tenant(settings.read_members)
        self.showing = "ready"
