"""Pictures drawn from a slug or a hash, the same for ever: browsers keep them."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.core.errors import NotFound
from agent_platform.core.policy import policy
from agent_platform.views.brand_svg import agent_icon, rosette_file

SEED = re.compile(r"[A-Za-z0-9_-]{1,80}")
HEADERS = {"Cache-Control": "public, max-age=31536000, immutable"}


@policy("public")
def icon(request: Request) -> Response:
    return _svg(agent_icon(_seed(request)))


@policy("public")
def rosette(request: Request) -> Response:
    size = request.query_params.get("size", "")
    width = min(int(size), 2_000) if re.fullmatch(r"[0-9]{2,4}", size) else 120
    return _svg(rosette_file(_seed(request), size=width, faint="faint" in request.query_params))


def routes() -> list[Route]:
    return [
        Route("/brand/agent/{seed}.svg", icon, methods=["GET"]),
        Route("/brand/rosette/{seed}.svg", rosette, methods=["GET"]),
    ]


def _seed(request: Request) -> str:
    seed = request.path_params["seed"]
    if not SEED.fullmatch(seed):
        raise NotFound
    return seed


def _svg(drawn: str) -> Response:
    return Response(drawn, media_type="image/svg+xml", headers=HEADERS)
