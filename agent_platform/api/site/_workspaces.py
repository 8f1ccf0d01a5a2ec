"""Pages of workspaces in local mode: with a place for its banner from the first paint on. Elsewhere the built files go out as they are."""

import re
from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.api.site._answers import answer
from agent_platform.api.site._shells import Shells
from agent_platform.core.policy import policy

NAMED = re.compile(r"\[(\w+)\]")


def workspace_routes(shells: Shells, pages: Iterable[str]) -> list[Route]:
    """`pages` are those of the site map, such as `/runs/[run_id]`; public ones have been found before these routes are tried."""
    if not shells.banner:
        return []
    paths = [NAMED.sub(r"{\1}", page) for page in pages if page.startswith("/")]
    return [Route(path, _page(shells), methods=["GET"]) for one in paths for path in (one, f"{one}/")]


def _page(shells: Shells) -> Callable[[Request], Response]:
    @policy("public", rate="page")
    def page(request: Request) -> Response:
        return answer(request, shells.plain(request.url.path), media_type="text/html", keep="no-cache")

    return page
