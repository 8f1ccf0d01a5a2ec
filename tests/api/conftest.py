from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from agent_platform import api
from agent_platform.api import sign_in
from agent_platform.core.settings import Settings, get_settings
from agent_platform.edge.wrap import Edge
from tests.doubles import github as double
from tests.doubles.browser import Browser


@pytest.fixture
def configure(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """`get_settings()` has these variables too."""

    def configure(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        return get_settings()

    return configure


@pytest.fixture
def github(configure) -> Iterator[double.GitHub]:
    """A GitHub on loopback that this server is configured for."""
    with double.serve(f"{get_settings().base_url}/auth/github/callback") as (github, url):
        configure(
            GITHUB_CLIENT_ID=double.CLIENT_ID,
            GITHUB_CLIENT_SECRET=double.CLIENT_SECRET,
            GITHUB_URL=url,
            GITHUB_API_URL=url,
        )
        yield github


@pytest.fixture
async def open_browser(settings: Settings, tmp_path):
    """New browsers, all in front of one server: the sign-in routes behind the real edge, and a page for everything else."""
    browsers: list[Browser] = []
    served: list[Edge] = []

    def open_browser() -> Browser:
        if not served:
            table = [*api.guarded(sign_in.routes(get_settings())), Route("/{path:path}", page, methods=["GET", "POST"])]
            served.append(Edge(Starlette(routes=table), get_settings(), tmp_path))
        browsers.append(Browser(served[0], get_settings().base_url))
        return browsers[-1]

    async def page(_request):
        return PlainTextResponse("a page")

    yield open_browser
    for browser in browsers:
        await browser.close()
