"""The profile of whoever is signed in."""

import asyncio
from dataclasses import replace

import reflex as rx

from agent_platform.core.policy import current_caller, policy
from agent_platform.state import _profile as profile
from agent_platform.state.callers import current_event, forget_caller
from agent_platform.state.session import Session
from agent_platform.views.settings import ProfileView
from agent_platform.views.shell import SETTINGS


class ProfileState(Session):
    showing: str = "loading"
    profile: ProfileView = ProfileView()
    name: str = ""
    time_zone: str = ""
    color_mode: str = "system"
    email: str = ""
    way: str = ""  # the address that is to become a way to sign in
    picture: str = ""
    asking_delete: bool = False
    confirmation: str = ""
    confirmed: bool = False

    @rx.event
    @policy("public")
    async def begin(self):
        """From the settings' address without a topic; the server leads there too."""
        return rx.redirect(SETTINGS, replace=True)

    @rx.event
    @policy("signed_in")
    async def open(self) -> None:
        if self._is_back and self.showing == "ready":
            await self._read()
        else:
            await self._load()

    @rx.event
    @policy("signed_in")
    async def write_name(self, value: str) -> None:
        self.name = value

    @rx.event
    @policy("signed_in")
    async def choose_time_zone(self, value: str) -> None:
        self.time_zone = value

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
        await asyncio.to_thread(profile.save_profile, current_caller(), **form)
        self._show_colours(self.color_mode)
        await self.say("Saved")
        await self._load()

    @rx.event
    @policy("signed_in")
    async def save_email(self) -> None:
        await asyncio.to_thread(profile.ask_notice_email, current_caller(), email=self.email)
        await self.say("Look into your mail", note="The new address is used as soon as its link is followed.")

    @rx.event
    @policy("signed_in")
    async def write_way(self, value: str) -> None:
        self.way = value

    @rx.event
    @policy("signed_in", rate="invite")
    async def add_way(self) -> None:
        address = await asyncio.to_thread(profile.ask_email_identity, current_caller(), email=self.way)
        self.way = ""
        await self.say("Look into your mail", note=f"Follow the link sent to {address} within 15 minutes, signed in.")

    @rx.event
    @policy("signed_in", rate="write")
    async def take_picture(self, picture: str) -> None:
        """The page's script has sent the file already; what it was told about it is of no use here."""
        if str(picture).strip():
            await self.say("Picture changed")
            await self._show_picture()

    @rx.event
    @policy("signed_in", rate="write")
    async def remove_picture(self) -> None:
        await asyncio.to_thread(profile.remove_avatar, current_caller())
        await self._show_picture()

    @rx.event
    @policy("signed_in")
    async def ask_delete(self, shown: bool) -> None:
        self.asking_delete, self.confirmation, self.confirmed = shown, "", False

    @rx.event
    @policy("signed_in")
    async def write_confirmation(self, value: str) -> None:
        self.confirmation, self.confirmed = value, profile.confirms(self.profile, value)

    @rx.event
    @policy("signed_in")
    async def remove_identity(self, identity_id: str) -> None:
        await asyncio.to_thread(profile.remove_identity, current_caller(), identity_id=identity_id)
        await self._load()

    @rx.event
    @policy("signed_in")
    async def revoke(self, session_id: str) -> None:
        await asyncio.to_thread(profile.revoke_session, current_caller(), session_id=session_id)
        await self._load()

    async def _show_picture(self) -> None:
        forget_caller(current_event().visitor)
        self.picture = ""
        await self._read()
        self.shell = replace(self.shell, picture=self.profile.picture)

    async def _load(self) -> None:
        self.asking_delete = False
        await self._read()
        self.name, self.time_zone = self.profile.name, self.profile.time_zone
        self.color_mode, self.email = self.profile.color_mode, self.profile.notice_email
        self.showing = "ready"

    async def _read(self) -> None:
        """What is not typed."""
        self.profile = await asyncio.to_thread(profile.read_profile, current_caller())
