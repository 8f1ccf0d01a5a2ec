"""Profile, workspace and members."""

import asyncio

import reflex as rx

from agent_platform.core.policy import current_caller, policy
from agent_platform.state import _settings as settings
from agent_platform.state.session import Session
from agent_platform.views.settings import MembersView, ProfileView, WorkspaceView
from agent_platform.views.shell import SETTINGS


class ProfileState(Session):
    showing: str = "loading"
    profile: ProfileView = ProfileView()
    name: str = ""
    time_zone: str = "UTC"
    color_mode: str = "system"
    email: str = ""

    @rx.event
    @policy("public")
    async def begin(self):
        """From the settings' address without a topic; the server leads there too."""
        return rx.redirect(SETTINGS, replace=True)

    @rx.event
    @policy("signed_in")
    async def open(self) -> None:
        await self._load()

    @rx.event
    @policy("signed_in")
    async def write_name(self, value: str) -> None:
        self.name = value

    @rx.event
    @policy("signed_in")
    async def write_time_zone(self, value: str) -> None:
        self.time_zone = value.strip()

    @rx.event
    @policy("signed_in")
    async def choose_color_mode(self, value: str) -> None:
        self.color_mode = value

    @rx.event
    @policy("signed_in")
    async def write_email(self, value: str) -> None:
        self.email = value

    @rx.event
    @policy("signed_in")
    async def save(self) -> None:
        form = {"name": self.name, "time_zone": self.time_zone, "color_mode": self.color_mode}
        await asyncio.to_thread(settings.save_profile, current_caller(), **form)
        self._show_colours(self.color_mode)
        await self.say("Saved")
        await self._load()

    @rx.event
    @policy("signed_in")
    async def save_email(self) -> None:
        await asyncio.to_thread(settings.ask_notice_email, current_caller(), email=self.email)
        await self.say("Look into your mail", note="The new address is used as soon as its link is followed.")

    @rx.event
    @policy("signed_in")
    async def remove_identity(self, identity_id: str) -> None:
        await asyncio.to_thread(settings.remove_identity, current_caller(), identity_id=identity_id)
        await self._load()

    @rx.event
    @policy("signed_in")
    async def revoke(self, session_id: str) -> None:
        await asyncio.to_thread(settings.revoke_session, current_caller(), session_id=session_id)
        await self._load()

    async def _load(self) -> None:
        self.profile = await asyncio.to_thread(settings.read_profile, current_caller())
        self.name, self.time_zone = self.profile.name, self.profile.time_zone
        self.color_mode, self.email = self.profile.color_mode, self.profile.notice_email
        self.showing = "ready"


class WorkspaceState(Session):
    showing: str = "loading"
    workspace: WorkspaceView = WorkspaceView()
    name: str = ""
    slug: str = ""
    time_zone: str = "UTC"
    asking_leave: bool = False

    @rx.event
    @policy("viewer")
    async def open(self) -> None:
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
    async def write_time_zone(self, value: str) -> None:
        self.time_zone = value.strip()

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

    async def _load(self) -> None:
        self.asking_leave = False
        self.workspace = await self.in_tenant(settings.read_workspace)
        self.name, self.slug, self.time_zone = self.workspace.name, self.workspace.slug, self.workspace.time_zone
        self.showing = "ready"


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
        await self._load()

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
        self.people = await self.in_tenant(settings.read_members)
        self.showing = "ready"
