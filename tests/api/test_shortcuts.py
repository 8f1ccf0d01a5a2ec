"""Addresses that somebody types lead to the page that they mean."""

import pytest
from starlette.applications import Starlette

from agent_platform import api
from agent_platform.api import shortcuts
from agent_platform.core.settings import get_settings
from agent_platform.edge.wrap import Edge
from tests.doubles.browser import Browser


@pytest.mark.parametrize("path", ["/settings", "/settings/"])
async def test_the_settings_begin_at_the_profile(settings, tmp_path, path):
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "index.html").write_text("as the front end is built")
    browser = Browser(Edge(Starlette(routes=api.guarded(shortcuts.routes())), get_settings(), tmp_path), "")
    answer = await browser.get(f"{get_settings().base_url}{path}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/profile")
    await browser.close()
