"""Save and Share in the head of an agent's page."""

import asyncio
from uuid import UUID

import reflex as rx

from agent_platform.core.policy import current_caller, policy
from agent_platform.core.settings import get_settings
from agent_platform.state import _saved
from agent_platform.state.session import Session


class SavedState(Session):
    """`share` is the address of the page on the base domain, empty for what has none there."""

    share: str = ""
    saved: bool = False
    _listing_id: UUID | None = None

    @rx.event
    @policy("public")
    async def open(self) -> None:
        self.share, self.saved, self._listing_id = "", False, None
        parts = self.router.url.path.strip("/").split("/")
        if len(parts) != 3:
            return
        self._listing_id = await self.in_public(_saved.find_listing_id, publisher=parts[1], slug=parts[2])
        if self._listing_id is not None:
            self.share = f"{get_settings().base_url}/agents/{parts[1]}/{parts[2]}"
            self.saved = await asyncio.to_thread(_saved.has_saved, current_caller(), listing_id=self._listing_id)

    @rx.event
    @policy("signed_in", rate="write")
    async def keep(self, wanted: bool) -> None:
        """Said outright, so that two clicks that cross are not taken for one and its opposite."""
        if self._listing_id is None:
            return
        wanted = wanted is True
        await asyncio.to_thread(_saved.keep, current_caller(), listing_id=self._listing_id, wanted=wanted)
        self.saved = wanted
        await self.say(
            "Saved" if wanted else "Not saved any more",
            note="Your saved agents are in the directory." if wanted else "",
        )
