"""Which agents of others this workspace runs."""

import reflex as rx

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.policy import Caller, policy
from agent_platform.services import catalog
from agent_platform.state._storefront import known_id
from agent_platform.state.session import Session
from agent_platform.views.format import plain_text
from agent_platform.views.storefront import ChosenView


class AllowedState(Session):
    showing: str = "loading"
    rule: str = "all"
    agents: list[ChosenView] = []
    agent: str = ""

    @rx.event
    @policy("viewer")
    async def open(self) -> None:
        if not self._is_back:
            self.agent = ""
        await self._load()

    @rx.event
    @policy("admin", rate="write")
    async def choose(self, rule: str) -> None:
        await self.in_tenant(_choose, rule=rule)
        await self.say("Saved")
        await self._load()

    @rx.event
    @policy("admin")
    async def write_agent(self, value: str) -> None:
        self.agent = value

    @rx.event
    @policy("admin", rate="write")
    async def allow(self) -> None:
        name = await self.in_tenant(_allow, address=self.agent)
        self.agent = ""
        await self.say(f"{name} is on the list")
        await self._load()

    @rx.event
    @policy("admin", rate="write")
    async def disallow(self, listing: str) -> None:
        await self.in_tenant(_disallow, listing=listing)
        await self._load()

    async def _load(self) -> None:
        found = await self.in_tenant(catalog.get_allowed)
        self.rule, self.agents = found.rule, [_view(one) for one in found.agents]
        self.showing = "ready"


def _choose(session: TenantSession, *, rule: str, caller: Caller) -> None:
    assert caller.user_id is not None
    catalog.set_allowed(session, rule=rule, by=caller.user_id)


def _allow(session: TenantSession, *, address: str, caller: Caller) -> str:
    assert caller.user_id is not None
    return plain_text(catalog.allow_agent(session, address=address, by=caller.user_id))


def _disallow(session: TenantSession, *, listing: str, caller: Caller) -> None:
    assert caller.user_id is not None
    catalog.disallow_agent(session, listing_id=known_id(listing), by=caller.user_id)


def _view(one: catalog.AllowedListing) -> ChosenView:
    note = "" if one.state == "published" else f"It is {one.state} now."
    return ChosenView(str(one.listing_id), plain_text(one.name), f"{one.publisher}/{one.slug}", note)
