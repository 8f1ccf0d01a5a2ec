from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from agent_platform import api
from agent_platform.core.settings import get_settings
from agent_platform.edge.wrap import Edge
from agent_platform.services.catalog import forget_facets
from tests.api.site.listed import list_agent
from tests.doubles.browser import Browser

SHELL = (
    '<!DOCTYPE html><html lang="en"><head><meta charSet="utf-8"/>{title}'
    '<meta content="favicon.ico" property="og:image"/><script>theme()</script></head>'
    "<body><main>built {name}</main><script>start()</script></body></html>"
)
TITLES = {"": "Run agents", "agents": "Agents", "docs": "Documents", "docs/manifest": "Manifest", "sign-in": "Sign in"}


@pytest.fixture
def built(tmp_path) -> Path:
    """A front end as the framework builds it: a page in a folder each, and one for every other address."""
    root = tmp_path / "client"
    for path, title in TITLES.items():
        page = root / path / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(SHELL.format(title=f"<title>{title}</title>", name=path or "landing"))
    (root / "__spa-fallback.html").write_text(SHELL.format(title="", name="any"))
    return root


@pytest.fixture
def app(settings, built) -> Edge:
    """Every route of the product behind the real edge; what has no route is missing, as the front end's files say it."""
    forget_facets()

    async def file(_request: Request) -> HTMLResponse:
        return HTMLResponse("built any", 404, {"etag": "x"})

    inner = api.build(get_settings(), built)
    inner.mount("/", Starlette(routes=[Route("/{path:path}", file)]))
    return Edge(api.missing_pages(built)(inner), get_settings(), built)


@pytest.fixture
async def browser(app):
    browser = Browser(app, get_settings().base_url)
    yield browser
    await browser.close()


@pytest.fixture
def base(settings) -> str:
    return get_settings().base_url


@pytest.fixture
def agent(settings) -> None:
    """One listed agent, harbor/site-auditor."""
    list_agent(readme="# Audits\n\nFollows *every* link.")
