"""Tabs of a browser on the running installation, spoken to over its socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from reflex_base.constants.state import FIELD_MARKER

from agent_platform.services import identity
from tests.faults.installation import Installation
from tests.faults.load import Tenant
from tests.protocol.browser import SESSION, Tab, Visitor

AGENT = f"{SESSION}.agent_platform___state___agent____agent_state"
RUN = f"{SESSION}.agent_platform___state___run____run_page"
KEY = "click_key"


@asynccontextmanager
async def owner_of(installation: Installation, tenant: Tenant) -> AsyncIterator[Visitor]:
    """The owner's browser, signed in at the workspace's own host."""
    host = f"{tenant.slug}.localhost"
    browser = identity.Browser(host=host, user_agent="test", address="127.0.0.1")
    assert tenant.caller.user_id is not None
    cookie = identity.in_platform(identity.open_session, user_id=tenant.caller.user_id, browser=browser)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        visitor = Visitor(http, installation.port, host, f"ap_sid={cookie}")
        yield visitor
        await visitor.leave()


def stored_by(tab: Tab) -> dict[str, str]:
    """What the tab keeps in its session storage: what it was told last."""
    return {f"{SESSION}.{KEY}{FIELD_MARKER}": tab.session[KEY]} if tab.session.get(KEY) else {}


def led_to(tab: Tab) -> list[str]:
    """The addresses that events of this tab sent it to."""
    return [
        event["payload"]["path"]
        for event in tab.events
        if event["name"].endswith("_redirect") and "path" in event["payload"]
    ]
