"""The broker: the one door that agents have."""

import structlog
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from agent_platform.broker import asking, egress, run_events
from agent_platform.core.errors import AppError, RateLimited

log = structlog.get_logger()
PROBLEM = "application/problem+json"


def make_app() -> Starlette:
    handlers = {AppError: _refused, ClientDisconnect: _gone, OperationalError: _database_away, Exception: _failed}
    return Starlette(routes=[*asking.routes, *egress.routes, *run_events.routes], exception_handlers=handlers)  # pyright: ignore[reportArgumentType]


async def _refused(_request: Request, error: AppError) -> Response:
    headers = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, RateLimited) else None
    return JSONResponse({"code": error.code, "detail": error.sentence}, error.status, headers, media_type=PROBLEM)


async def _gone(_request: Request, _error: Exception) -> Response:
    """Half a body came, and nobody is there to hear of it: no fault of ours that a log should tell."""
    return Response(status_code=400)


async def _database_away(_request: Request, _error: OperationalError) -> Response:
    """The SDK tries again: every call is idempotent."""
    return JSONResponse(
        {"code": "unavailable", "detail": "The database is away for a moment."},
        503,
        {"Retry-After": "1"},
        media_type=PROBLEM,
    )


async def _failed(_request: Request, error: Exception) -> Response:
    log.error("broker_failed", error=type(error).__name__, exc_info=error)
    return JSONResponse(
        {"code": "error", "detail": "The broker failed. The call may be repeated."}, 500, media_type=PROBLEM
    )
