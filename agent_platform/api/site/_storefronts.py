"""The front page of a workspace's host: its storefront, for whoever may see it, else the way to its overview."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from agent_platform.api.site._answers import answer, is_known
from agent_platform.api.site._pictures import picture_of
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.core.policy import current_caller, policy
from agent_platform.core.settings import get_settings
from agent_platform.services import catalog
from agent_platform.state._storefront import read_storefront
from agent_platform.views.site.head import picture_digest
from agent_platform.views.site.storefront import PICTURE, storefront_page, storefront_picture, storefront_text
from agent_platform.views.storefront import StorefrontView

BEGINS = "/overview"
KEPT = "private, no-cache"
LOGO_HEADERS = {
    "Cache-Control": KEPT,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'inline; filename="logo.webp"',
}


def front(request: Request) -> Response:
    """Whether it is off or for members only, a stranger is not told."""
    caller = current_caller()
    is_member, view = caller.role is not None, _seen(request)
    if view is None:
        return RedirectResponse(BEGINS, 303, {"Cache-Control": "private, no-store"})
    address = address_of(request)
    page = storefront_page(
        view,
        base_url=get_settings().base_url,
        address=address,
        color_mode=caller.color_mode,
        is_member=is_member,
    )
    robots = {"X-Robots-Tag": "all" if view.public else "noindex, nofollow"}
    twin = {"Link": f'<{address}/index.md>; rel="alternate"; type="text/markdown"'}
    return answer(request, page, media_type="text/html", keep=KEPT, headers={**robots, **twin})


def front_twin(request: Request) -> Response:
    """The storefront as Markdown, for whoever may see it. Raises: NotFound."""
    view, address = _seen(request), address_of(request)
    if view is None:
        raise NotFound
    headers = {"Link": f'<{address}/>; rel="canonical"', "X-Robots-Tag": "noindex"}
    text = storefront_text(view, base_url=get_settings().base_url, address=address)
    return answer(request, text, media_type="text/markdown", keep=KEPT, headers=headers)


def address_of(request: Request) -> str:
    """Of the workspace's host."""
    return get_settings().tenant_url(request.state.ap["tenant_slug"])


def is_public(request: Request) -> bool:
    """Whether strangers, search engines among them, may see the front page of this host."""
    return read_storefront(request.state.ap["tenant_id"], is_member=False) is not None


def _seen(request: Request) -> StorefrontView | None:
    return read_storefront(request.state.ap["tenant_id"], is_member=current_caller().role is not None)


@policy("public", rate="search")
def picture(request: Request) -> Response:
    """What a shared link shows. Raises: NotFound, also for whoever may not see the storefront."""
    view = _seen(request) if request.state.ap["tenant_id"] is not None else None
    if view is None:
        raise NotFound
    drawing = storefront_picture(view)
    digest = picture_digest(drawing)
    headers = {"Cache-Control": KEPT, "ETag": f'"{digest[:24]}"', "Vary": "Cookie"}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(picture_of(drawing, digest), headers=headers, media_type="image/png")


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
    return [Route("/storefront/logo", logo, methods=["GET"]), Route(PICTURE, picture, methods=["GET"])]
