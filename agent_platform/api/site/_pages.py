"""Each public page under its own address: HTML, and its Markdown twin."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.api.site._answers import KEPT, PRIVATE, answer
from agent_platform.api.site._consent import with_question
from agent_platform.api.site._readers import (
    agent,
    changelog,
    contact,
    demo,
    directory,
    document,
    documents,
    example,
    is_public_agent,
    is_there,
    landing,
    legal,
    publisher,
    quality,
    sign_in,
    status,
)
from agent_platform.api.site._shells import Shells
from agent_platform.api.site._storefronts import front, front_twin
from agent_platform.core.policy import policy
from agent_platform.core.settings import get_settings
from agent_platform.views.legal import NAMED
from agent_platform.views.site import markdown
from agent_platform.views.site.blocks import SitePage

EXAMPLE = "/agents/{publisher}/{slug}/examples/{example}"
Reader = Callable[[Request], SitePage]
PAGES: tuple[tuple[str, str, Reader], ...] = (
    ("/", "/index.md", landing),
    ("/agents", "/agents.md", directory),
    ("/agents/{publisher}/{slug}", "/agents/{publisher}/{slug}.md", agent),
    ("/publishers/{publisher}", "/publishers/{publisher}.md", publisher),
    (EXAMPLE, f"{EXAMPLE}.md", example),
    ("/docs", "/docs.md", documents),
    ("/docs/{name}", "/docs/{name}.md", document),
    ("/quality", "/quality.md", quality),
    ("/changelog", "/changelog.md", changelog),
    ("/status", "/status.md", status),
    ("/contact", "/contact.md", contact),
    *((f"/{name}", f"/{name}.md", legal(name)) for name in NAMED),
    ("/sign-in", "/sign-in.md", sign_in),
)

NEVER_COUNTED = (sign_in, demo)  # where somebody is on their way to, and whose key is in the address, is told to nobody

ALWAYS_NEW = (status,)  # what it says is true for a moment


def page_routes(shells: Shells) -> list[Route]:
    """Twins come first: `{slug}` would take their ending too. The edge adds a slash where a built page lies in a folder."""
    twins = [Route(twin, _twin(read), methods=["GET"]) for _, twin, read in PAGES]
    pages = [
        Route(path, _page(read, shells), methods=["GET"])
        for whole, _, read in PAGES
        for path in ({whole, f"{whole.rstrip('/')}/"})
    ]
    demos = [Route(path, _page(demo, shells), methods=["GET"]) for path in ("/demo/{key}", "/demo/{key}/")]  # no twin
    return [*twins, *pages, *demos]


def _page(read: Reader, shells: Shells) -> Callable[[Request], Response]:
    @policy("public", rate="page")
    def page(request: Request) -> Response:
        """A workspace's host shows its storefront and the application: what their pages hold depends on who looks."""
        path = request.url.path
        if _in_workspace(request) and read is landing:
            return front(request)
        if _in_workspace(request):
            status = 200 if is_there(request) else 404
            plain = shells.plain(path)
            return answer(
                request, plain, media_type="text/html", status=status, keep="no-cache", headers=_home(request)
            )
        found = read(request)
        written = shells.completed(found, path, get_settings().base_url)
        asks = found.status == 200 and read not in NEVER_COUNTED
        return answer(
            request,
            with_question(request, written) if asks else written,
            media_type="text/html",
            status=found.status,
            keep=_keep(read),
            headers=_headers(found),
        )

    return page


def _twin(read: Reader) -> Callable[[Request], Response]:
    @policy("public", rate="page")
    def twin(request: Request) -> Response:
        if _in_workspace(request) and read is landing:
            return front_twin(request)
        if _in_workspace(request):
            return answer(request, "There is nothing at this address.\n", media_type="text/plain", status=404)
        found, base = read(request), get_settings().base_url
        if found.status != 200:
            said = markdown.text(found, base)
            return answer(request, said, media_type="text/markdown", status=found.status, headers=_headers(found))
        canonical = {"Link": f'<{base}{found.path}>; rel="canonical"', "X-Robots-Tag": "noindex"}
        return answer(
            request, markdown.text(found, base), media_type="text/markdown", keep=_keep(read), headers=canonical
        )

    return twin


def _keep(read: Reader) -> str:
    return PRIVATE if read in ALWAYS_NEW else KEPT


def _headers(page: SitePage) -> dict[str, str]:
    robots = {"X-Robots-Tag": "all" if page.indexed and page.status == 200 else "noindex"}
    if not page.twin or page.status != 200:
        return robots
    return {**robots, "Link": f'<{get_settings().base_url}{page.twin}>; rel="alternate"; type="text/markdown"'}


def _home(request: Request) -> dict[str, str]:
    """An agent that everybody may see has one address, which is on the base domain."""
    shown_to_all = "slug" in request.path_params and is_public_agent(request)
    return (
        {"Link": f'<{get_settings().base_url}{request.url.path.rstrip("/")}>; rel="canonical"'} if shown_to_all else {}
    )


def _in_workspace(request: Request) -> bool:
    return request.state.ap["tenant_slug"] is not None
