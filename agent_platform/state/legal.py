"""Terms, privacy and cookies: read anew each time, as the operator may have changed them."""

import asyncio

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.core.settings import get_settings
from agent_platform.state.session import Session
from agent_platform.views.legal import NAMED, read_legal


class LegalState(Session):
    address: str = ""
    title: str = ""
    text: str = ""  # HTML that `render_markdown` has made

    @rx.event
    @policy("public", rate="page")
    async def open(self) -> None:
        self.address = self.router.url.path.rstrip("/")
        name = self.address.strip("/")
        if name in NAMED:
            found = await asyncio.to_thread(read_legal, name, get_settings().legal_dir)
            self.title, self.text = found.title, found.html
