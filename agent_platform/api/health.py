"""Whether this process lives, and whether it can serve."""

from collections.abc import Callable

import structlog
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from agent_platform.core.db.engine import engine_of
from agent_platform.core.db.revisions import newest_revision
from agent_platform.core.policy import policy
from agent_platform.core.queue import redis

log = structlog.get_logger()


@policy("public")
async def healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


@policy("public")
def readyz(_request: Request) -> Response:
    """200 only if all hold: the database answers, its schema is this code's, Redis answers. Redis alone being away is no reason to restart."""
    checks = {"database": _database_answers, "migrations": _is_at_head, "redis": _redis_answers}
    found = {name: _holds(name, check) for name, check in checks.items()}
    return JSONResponse(found, 200 if all(found.values()) else 503, {"Cache-Control": "no-store"})


def routes() -> list[Route]:
    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (SQLAlchemyError, RedisError) as error:
        log.warning("not_ready", check=name, error=type(error).__name__)
        return False


def _database_answers() -> bool:
    with engine_of("app").connect() as connection:
        return connection.execute(text("select true")).scalar_one()


def _is_at_head() -> bool:
    with engine_of("app").connect() as connection:
        return (
            connection.execute(text("select version_num from public.alembic_version")).scalar_one() == newest_revision()
        )


def _redis_answers() -> bool:
    return bool(redis().ping())
