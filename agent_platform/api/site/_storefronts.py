"""The front page of a workspace's host: its storefront, for whoever may see it, else the way to its overview."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from agent_platform.api.site._answers import answer
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.core.policy import current_caller, policy
from agent_platform.core.settings import get_settings
from agent_platform.services import catalog
from agent_platform.state._storefront import read_storefront
from agent_platform.views.site.storefront import storefront_page

BEGINS = "/overview"
KEPT = "private, no-cache"
LOGO_HEADERS = {
    "Cache-Control": KEPT,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'inline; filename="logo.webp"',
}


def front(request: Request) -> Response:
    """Whether it is off or for members only, a stranger is not told."""
    visit, caller, settings = request.state.ap, current_caller(), get_settings()
    is_member = caller.role is not None
    view = read_storefront(visit["tenant_id"], is_member=is_member)
    if view is None:
        return RedirectResponse(BEGINS, 303, {"Cache-Control": "private, no-store"})
    written = storefront_page(
        view,
        base_url=settings.base_url,
        address=settings.tenant_url(visit["tenant_slug"]),
        color_mode=caller.color_mode,
        is_member=is_member,
    )
    robots = {"X-Robots-Tag": "all" if view.public else "noindex, nofollow"}
    return answer(request, written, media_type="text/html", keep=KEPT, headers=robots)


def is_public(request: Request) -> bool:
    """Whether strangers, search engines among them, may see the front page of this host."""
    return read_storefront(request.state.ap["tenant_id"], is_member=False) is not None


@policy("public", rate="page")
def logo(request: Request) -> Response:
    """Written anew from what was sent. Raises: NotFound, also for whoever may not see the storefront."""
    tenant_id = request.state.ap["tenant_id"]
    if tenant_id is None:
        raise NotFound
    with tenant_session(tenant_id) as session:
        picture = catalog.read_logo(session, is_member=current_caller().role is not None)
    return Response(picture, headers=LOGO_HEADERS, media_type=catalog.LOGO_TYPE)


def storefront_routes() -> list[Route]:
    return [Route("/storefront/logo", logo, methods=["GET"])]
