"""Public pages for crawlers, programs and people without JavaScript: the same addresses, facts and doors as the application's."""

from collections.abc import Iterable
from pathlib import Path

from starlette.routing import Route

from agent_platform.api.site._answers import answer
from agent_platform.api.site._missing import missing_pages
from agent_platform.api.site._pages import page_routes
from agent_platform.api.site._pictures import picture_routes
from agent_platform.api.site._shells import Shells
from agent_platform.api.site._sitemaps import sitemap_routes
from agent_platform.api.site._storefronts import storefront_routes
from agent_platform.api.site._workspaces import workspace_routes

__all__ = ["answer", "missing_pages", "routes"]


def routes(built: Path, pages: Iterable[str] = ()) -> list[Route]:
    """`built` is the folder of the built front end, whose pages are completed; without it pages are served without a script.

    `pages` are the addresses of all of them, as the site map writes them.
    """
    shells = Shells(built)
    return [
        *sitemap_routes(),
        *picture_routes(),
        *storefront_routes(),
        *page_routes(shells),
        *workspace_routes(shells, pages),
    ]
