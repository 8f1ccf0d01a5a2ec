"""The logo of a workspace, which two pages change: its settings and those of its storefront."""

from typing import Any

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.state import _storefront as storefront


class Logo(rx.State, mixin=True):
    """`upload` is the file that the page's own field holds; it is empty again once it was taken."""

    upload: str = ""

    @rx.event
    @policy("admin", rate="upload")
    async def take_logo(self, upload: str) -> None:
        """`upload` is the id that the page's script was given for the sent file; an empty one is a choice taken back."""
        page: Any = self
        sent = str(upload).strip()
        if sent:
            await page.in_tenant(storefront.take_logo, upload=sent)
            await page.say("Logo changed")
            await self._show_logo()

    @rx.event
    @policy("admin", rate="write")
    async def remove_logo(self) -> None:
        page: Any = self
        await page.in_tenant(storefront.remove_logo)
        await self._show_logo()

    async def _show_logo(self) -> None:
        """What stands in the fields of the page stays."""
        raise NotImplementedError
