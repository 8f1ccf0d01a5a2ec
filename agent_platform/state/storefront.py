"""The settings of a workspace's storefront."""

from dataclasses import replace

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.state import _storefront as storefront
from agent_platform.state._logo import Logo
from agent_platform.state.session import Session
from agent_platform.views.storefront import ChosenView, StorefrontView


class StorefrontState(Logo, Session):
    showing: str = "loading"
    is_on: bool = False
    audience: str = "members"
    headline: str = ""
    welcome: str = ""
    accent: str = ""
    address: str = ""
    view: StorefrontView = StorefrontView()
    chosen: list[ChosenView] = []
    agent: str = ""

    @rx.event
    @policy("viewer")
    async def open(self) -> None:
        if self._is_back and self.showing == "ready":
            await self._load_agents()
            return
        self.agent = self.upload = ""
        await self._load()

    @rx.event
    @policy("admin")
    async def switch(self) -> None:
        self.is_on = not self.is_on

    @rx.event
    @policy("admin")
    async def choose_audience(self, value: str) -> None:
        self.audience = value

    @rx.event
    @policy("admin")
    async def write_headline(self, value: str) -> None:
        self.headline = value

    @rx.event
    @policy("admin")
    async def write_welcome(self, value: str) -> None:
        self.welcome = value

    @rx.event
    @policy("admin")
    async def write_accent(self, value: str) -> None:
        self.accent = value

    @rx.event
    @policy("admin")
    async def write_agent(self, value: str) -> None:
        self.agent = value

    @rx.event
    @policy("admin", rate="write")
    async def save(self) -> None:
        form = {"is_on": self.is_on, "audience": self.audience, "headline": self.headline}
        await self.in_tenant(storefront.save, **form, welcome=self.welcome, accent=self.accent)
        await self.say("Saved", note="The storefront is on." if self.is_on else "The storefront is off.")
        await self._load()

    @rx.event
    @policy("admin", rate="write")
    async def show_agent(self) -> None:
        await self.in_tenant(storefront.show_agent, address=self.agent)
        self.agent = ""
        await self._load_agents()

    @rx.event
    @policy("admin", rate="write")
    async def hide_agent(self, listing: str) -> None:
        await self.in_tenant(storefront.hide_agent, listing=listing)
        await self._load_agents()

    async def _show_logo(self) -> None:
        self.upload, found = "", await self._load_agents()
        self.shell = replace(self.shell, logo=found.view.logo)

    async def _load(self) -> None:
        found = await self._load_agents()
        self.is_on, self.audience, self.headline = found.is_on, found.audience, found.headline
        self.welcome, self.accent, self.address = found.welcome, found.accent, found.address
        self.showing = "ready"

    async def _load_agents(self) -> storefront.StorefrontSettings:
        """What is not typed; the fields keep what stands in them."""
        found = await self.in_tenant(storefront.read_settings)
        self.view, self.chosen = found.view, found.chosen
        return found
