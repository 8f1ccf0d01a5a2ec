"""robots.txt, and sitemaps of exactly the pages that search engines may list."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.api.site._answers import answer
from agent_platform.api.site._readers import known_documents
from agent_platform.api.site._storefronts import address_of, is_public
from agent_platform.core.db.tenant import PublicSession, public_session
from agent_platform.core.errors import NotFound
from agent_platform.core.policy import policy
from agent_platform.core.settings import get_settings
from agent_platform.services import catalog, examples
from agent_platform.views.directory import CATEGORIES, Asked
from agent_platform.views.examples import example_path
from agent_platform.views.legal import NAMED
from agent_platform.views.publisher import publisher_path
from agent_platform.views.site import sitemap
from agent_platform.views.site.sitemap import MOST_ADDRESSES, Entry

MOST_DIGITS = 5  # of a part: an index may lead to 50,000 sitemaps
CLOSED = ("/auth/", "/invite/", "/sandbox/", "/start", "/uploads")
STOREFRONT = ("/$", "/index.md$", "/sitemap.xml$", "/storefront/", "/css/", "/fonts/", "/brand/")
KEPT = "public, max-age=600"


@policy("public", rate="page")
def robots(request: Request) -> Response:
    """Of a workspace search engines see its storefront, if that is public; on the base domain only the doors are closed."""
    if request.state.ap["tenant_slug"] is not None:
        shown = is_public(request)
        opened = "".join(f"Allow: {path}\n" for path in STOREFRONT) if shown else ""
        place = f"\nSitemap: {address_of(request)}/sitemap.xml\n" if shown else ""
        return answer(request, f"User-agent: *\n{opened}Disallow: /\n{place}", media_type="text/plain", keep="no-cache")
    closed = "".join(f"Disallow: {path}\n" for path in CLOSED)
    place = f"Sitemap: {get_settings().base_url}/sitemap.xml\n"
    return answer(request, f"User-agent: *\n{closed}\n{place}", media_type="text/plain", keep=KEPT)


@policy("public", rate="page")
def index(request: Request) -> Response:
    """One sitemap of the site's own pages, and one for each fifty thousand agents, publishers and examples. Of a workspace, its storefront."""
    if request.state.ap["tenant_slug"] is not None:
        return _of_storefront(request)
    with public_session() as session:
        totals, changes = catalog.totals(session), catalog.last_changes(session)
        number = examples.count_addresses(session)
    newest = max(changes.values(), default=None)
    counted = (("agents", totals.agents), ("publishers", totals.publishers), ("examples", number))
    parts = [f"{name}-{part}" for name, number in counted for part in range(1, -(-number // MOST_ADDRESSES) + 1)]
    entries = [Entry("/sitemaps/site.xml", newest), *(Entry(f"/sitemaps/{part}.xml", newest) for part in parts)]
    return _xml(request, sitemap.index(entries, get_settings().base_url))


@policy("public", rate="page")
def site(request: Request) -> Response:
    _refuse_workspace(request)
    with public_session() as session:
        entries = site_entries(session)
    return _xml(request, sitemap.sitemap(entries, get_settings().base_url))


@policy("public", rate="page")
def agents(request: Request) -> Response:
    return _part(
        request, catalog.list_addresses, lambda one: Entry(f"/agents/{one.publisher}/{one.slug}", one.changed_at)
    )


@policy("public", rate="page")
def publishers(request: Request) -> Response:
    return _part(request, catalog.list_publishers, lambda one: Entry(publisher_path(one.handle), one.changed_at))


@policy("public", rate="page")
def example_pages(request: Request) -> Response:
    return _part(
        request,
        examples.list_addresses,
        lambda one: Entry(example_path(one.publisher, one.agent, one.slug), one.changed_at),
    )


def site_entries(session: PublicSession) -> list[Entry]:
    """The first page, the directory and its categories, the documents."""
    changes = catalog.last_changes(session)
    newest = max(changes.values(), default=None)
    categories = [Entry(Asked(category=(name,)).address(), changes[name]) for name in CATEGORIES if name in changes]
    documents = [Entry("/quality"), Entry("/docs"), *(Entry(f"/docs/{name}") for name in known_documents())]
    documents += [Entry(f"/{name}") for name in ("changelog", "status", "contact", *NAMED)]
    return [Entry("/", newest), Entry("/agents", newest), *categories, *documents]


def _of_storefront(request: Request) -> Response:
    """Its front page is all that everybody may see there; agents have their address on the base domain. Raises: NotFound."""
    if not is_public(request):
        raise NotFound
    return _xml(request, sitemap.sitemap([Entry("/")], address_of(request)), keep="no-cache")


def sitemap_routes() -> list[Route]:
    return [
        Route("/robots.txt", robots, methods=["GET"]),
        Route("/sitemap.xml", index, methods=["GET"]),
        Route("/sitemaps/site.xml", site, methods=["GET"]),
        Route("/sitemaps/agents-{part}.xml", agents, methods=["GET"]),
        Route("/sitemaps/publishers-{part}.xml", publishers, methods=["GET"]),
        Route("/sitemaps/examples-{part}.xml", example_pages, methods=["GET"]),
    ]


def _part(request: Request, listing: Callable[..., Sequence[Any]], entry: Callable[[Any], Entry]) -> Response:
    """The asked part of what `listing` tells. Raises: NotFound for what is no number of a part, and for a part behind the last one."""
    skip = _before_part(request)
    with public_session() as session:
        listed = listing(session, skip=skip, most=MOST_ADDRESSES)
    if not listed:
        raise NotFound
    return _xml(request, sitemap.sitemap(map(entry, listed), get_settings().base_url))


def _before_part(request: Request) -> int:
    """How many addresses come before the asked part. Raises: NotFound for what is no number of one."""
    _refuse_workspace(request)
    part = request.path_params["part"]
    if not (part.isascii() and part.isdigit() and len(part) <= MOST_DIGITS) or part.startswith("0"):
        raise NotFound
    return (int(part) - 1) * MOST_ADDRESSES


def _refuse_workspace(request: Request) -> None:
    if request.state.ap["tenant_slug"] is not None:
        raise NotFound


def _xml(request: Request, written: str, *, keep: str = KEPT) -> Response:
    return answer(request, written, media_type="application/xml", keep=keep, headers={"X-Robots-Tag": "noindex"})
