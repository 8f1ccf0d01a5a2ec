"""The REST API: a mounted application that asks for keys of its own and never reads a cookie."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from agent_platform.api.v1 import _agents, _openapi, _shapes
from agent_platform.api.v1._doors import Access, door, forget_all_keys
from agent_platform.api.v1._operations import AGENT, OPERATIONS
from agent_platform.api.v1._problems import failed, not_here
from agent_platform.core.policy import policy

__all__ = ["forget_all_keys", "mount"]


def mount() -> Mount:
    """Everything beneath `/v1`, wrong addresses too."""
    api = Starlette(routes=_routes(), exception_handlers={HTTPException: not_here, Exception: failed})
    api.router.redirect_slashes = False
    return Mount("/v1", policy("public")(api))


def document(request: Request, _access: Access) -> Response:
    """The whole API as OpenAPI."""
    return JSONResponse(_openapi.whole(_shapes.base_of(request.state.ap["tenant_slug"])), headers=_agents.KEPT)


def document_of_agent(request: Request, access: Access) -> Response:
    """How one agent is run. Raises: NotFound."""
    shown, _ = _agents.described(request, access)
    base = _shapes.base_of(request.state.ap["tenant_slug"])
    headers = _agents.PRIVATE if access.holder else _agents.KEPT
    return JSONResponse(_openapi.of_agent(shown, base), headers=headers)


def _routes() -> list[Route]:
    return [
        Route("/openapi.json", door(document, None), methods=["GET"]),
        Route(f"{AGENT}/openapi.json", door(document_of_agent, None), methods=["GET"]),
        *(Route(one.path, door(one.endpoint, one.scope, one.rate), methods=[one.method]) for one in OPERATIONS),
    ]
