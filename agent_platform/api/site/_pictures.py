"""Pictures for shared links: drawn when first asked for, kept by what they show, at most so many."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.api.site._answers import PRIVATE, is_known
from agent_platform.api.site._readers import (
    agent,
    changelog,
    directory,
    document,
    documents,
    example,
    landing,
    publisher,
    quality,
)
from agent_platform.core.errors import NotFound
from agent_platform.core.policy import policy
from agent_platform.views.site.blocks import Picture, SitePage
from agent_platform.views.site.head import picture_digest

MOST_KEPT = 100  # of about 100 KB each
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=600"
PICTURES: tuple[tuple[str, Callable[[Request], SitePage]], ...] = (
    ("/og/site.png", landing),
    ("/og/agents.png", directory),
    ("/og/agents/{publisher}/{slug}.png", agent),
    ("/og/publishers/{publisher}.png", publisher),
    ("/og/agents/{publisher}/{slug}/examples/{example}.png", example),
    ("/og/quality.png", quality),
    ("/og/changelog.png", changelog),
    ("/og/docs.png", documents),
    ("/og/docs/{name}.png", document),
)
_kept: OrderedDict[str, bytes] = OrderedDict()
_one_at_a_time = threading.Lock()  # drawing is all computing: a second one would only slow both


def picture_routes() -> list[Route]:
    return [Route(path, _endpoint(read), methods=["GET"]) for path, read in PICTURES]


def picture_of(picture: Picture, digest: str) -> bytes:
    """The PNG; drawn once for each digest while it is among the last ones asked for."""
    with _one_at_a_time:
        if digest not in _kept:
            from agent_platform.views.site.picture import drawn  # Pillow is needed here alone

            _kept[digest] = drawn(picture)
        _kept.move_to_end(digest)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
        return _kept[digest]


def _endpoint(read: Callable[[Request], SitePage]) -> Callable[[Request], Response]:
    @policy("public", rate="search")
    def picture(request: Request) -> Response:
        """Raises: NotFound for what is no page. An address with the digest of another picture is not kept for ever."""
        page = read(request)
        if page.status != 200 or request.state.ap["tenant_slug"] is not None:
            raise NotFound
        digest = picture_digest(page.picture)
        tag = f'"{digest[:24]}"'
        current = request.query_params.get("v") == digest[:16]
        keep = PRIVATE if request.state.visitor.token_hash else FOR_EVER if current else FOR_A_WHILE
        headers = {"Cache-Control": keep, "ETag": tag, "Vary": "Cookie"}
        if is_known(request, tag):
            return Response(status_code=304, headers=headers)
        return Response(picture_of(page.picture, digest), headers=headers, media_type="image/png")

    return picture
