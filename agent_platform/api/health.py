"""Whether this process lives, and whether it can serve."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from agent_platform.core.policy import policy
from agent_platform.services import outages


@policy("public")
async def healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


@policy("public")
def readyz(_request: Request) -> Response:
    """200 only if all hold: the database answers, its schema is this code's, Redis answers. Redis alone being away is no reason to restart."""
    checks = {
        "database": outages.database_answers,
        "migrations": outages.is_at_head,
        "redis": outages.queue_answers,
    }
    found = {name: outages.holds(name, check) for name, check in checks.items()}
    return JSONResponse(found, 200 if all(found.values()) else 503, {"Cache-Control": "no-store"})


def routes() -> list[Route]:
    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]
