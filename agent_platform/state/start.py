"""A new workspace: a name, an address that is checked while it is typed, and the way in."""

import asyncio

import reflex as rx

from agent_platform.core.errors import InputInvalid
from agent_platform.core.policy import current_caller, policy
from agent_platform.core.settings import get_settings
from agent_platform.services import tenancy
from agent_platform.state.session import Session
from agent_platform.views.sign_in import AddressView, address_view

LONGEST = 80


class StartState(Session):
    showing: str = "loading"
    name: str = ""
    name_fault: str = ""
    slug: str = ""
    suffix: str = ""
    address: AddressView = AddressView()
    _chosen: bool = False  # the person has typed an address; the name no longer makes one

    @rx.event
    @policy("signed_in")
    async def open(self) -> None:
        """The form is for those without a workspace, and for those who ask for another one; the rest go to theirs."""
        if self._is_back and self.showing == "ready":
            return
        wants_another = self.router.url.query_parameters.get("new") == "1"
        if not wants_another and self.shell.workspaces:
            await self.leave_for("/auth/home")
            return
        self.name = self.slug = self.name_fault = ""
        self.address, self._chosen = AddressView(), False
        self.suffix = f".{get_settings().base_netloc}"
        self.showing = "ready"

    @rx.event
    @policy("signed_in", rate="search")
    async def write_name(self, value: str) -> None:
        self.name, self.name_fault = value[:LONGEST], ""
        if self._chosen:
            return
        self.slug = await _nearest_free(value[:LONGEST]) if value.strip() else ""
        self.address = address_view(self.slug, self.slug, suffix=self.suffix)

    @rx.event
    @policy("signed_in", rate="search")
    async def write_slug(self, value: str) -> None:
        await self._choose(value.strip()[:LONGEST])

    @rx.event
    @policy("signed_in", rate="search")
    async def take_offer(self) -> None:
        await self._choose(self.address.offer)

    @rx.event
    @policy("signed_in", rate="invite")
    async def create(self) -> None:
        """The workspace exists, its creator owns it and is on the way into it; a wrong field is marked and nothing is made."""
        try:
            made = await asyncio.to_thread(
                tenancy.in_platform,
                tenancy.create_tenant,
                slug=self.slug,
                name=self.name,
                owner_id=current_caller().user_id,
            )
        except InputInvalid as error:
            self._mark(error)
            return
        await self.leave_for(f"/auth/switch?to={made.slug}")

    async def _choose(self, slug: str) -> None:
        self.slug, self._chosen = slug, True
        self.address = address_view(slug, await _nearest_free(slug) if slug else "", suffix=self.suffix)

    def _mark(self, error: InputInvalid) -> None:
        faults = {problem.path: problem.message for problem in error.errors}
        self.name_fault = faults.get("name", "")
        if "slug" in faults:
            self.address = AddressView(fault=faults["slug"])


async def _nearest_free(wanted: str) -> str:
    return await asyncio.to_thread(tenancy.in_platform, tenancy.slug_for, wanted)
