"""Errors of `/v1`: always `application/problem+json`, whatever the client accepts. Source: RFC 9457."""

from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_platform.core.errors import AppError, Forbidden, InputInvalid, Unauthenticated
from agent_platform.core.settings import get_settings
from agent_platform.models.tenancy import Scope
from agent_platform.services.runs import RunInputInvalid

MEDIA_TYPE = "application/problem+json"
PRIVATE = {"Cache-Control": "private, no-store"}
FAILED = "Something failed on our side. Try again."
START_FAILED = "Something failed on our side. Send the same again with the same Idempotency-Key: a run that was started is not started twice."
SCOPE_OPENS = {Scope.RUNS_READ: "read runs", Scope.RUNS_WRITE: "quote, start or stop runs, or send files"}
HTTP_SENTENCES = {
    404: "There is nothing at this address of the API.",
    405: "This address of the API does not take this method.",
}


class KeyRefused(Unauthenticated):
    """Missing, malformed, unknown, revoked and expired keys read the same."""

    def __init__(self) -> None:
        super().__init__(
            "This needs a living API key: send `Authorization: Bearer apk_...`. Make one in the settings of a workspace."
        )


class ScopeMissing(Forbidden):
    """The key was made without the scope, or its maker may not give it any more."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(
            f"This key may not {SCOPE_OPENS[scope]}: it was made without the scope {scope}, or its maker's role no longer gives it."
            " Nothing was charged. Make a key with it under Settings, API keys."
        )


class WrongTenant(Forbidden):
    """The key belongs to another workspace than the host."""

    code = "wrong_tenant"

    def __init__(self) -> None:
        super().__init__(
            "This key belongs to another workspace. Use that workspace's own address, or the one without a workspace."
        )


class WrongMediaType(InputInvalid):
    """The body is not what this address reads."""

    status = 415
    code = "wrong_media_type"


def problem_of(request: Request, error: AppError, **more: Any) -> Response:
    """The error's sentence and status; `reference` finds the request in the log."""
    headers = dict(PRIVATE)
    if (seconds := getattr(error, "retry_after_seconds", None)) is not None:
        headers["Retry-After"] = str(seconds)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="Agent Platform"'
    within = "input." if isinstance(error, RunInputInvalid) else ""
    body = {
        **_body(request, error.status, error.code, error.sentence),
        "errors": [{"path": f"{within}{one.path}", "message": one.message} for one in error.errors],
        **more,
    }
    return JSONResponse(body, error.status, headers, media_type=MEDIA_TYPE)


async def not_here(request: Request, error: Exception) -> Response:
    """What the router itself refuses: an unknown address, or a method that it does not take."""
    assert isinstance(error, HTTPException)
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    sentence = HTTP_SENTENCES.get(error.status_code, HTTPStatus(error.status_code).phrase)
    body = {**_body(request, error.status_code, code, sentence), "errors": []}
    return JSONResponse(body, error.status_code, {**PRIVATE, **(error.headers or {})}, media_type=MEDIA_TYPE)


async def failed(request: Request, _error: Exception) -> Response:
    """Anything else; the edge logs it under the same reference."""
    starts = request.method == "POST" and request.url.path.endswith("/runs")
    return problem_of(request, AppError(START_FAILED if starts else FAILED))


def _body(request: Request, status: int, code: str, sentence: str) -> dict[str, Any]:
    return {
        "type": f"{get_settings().base_url}/docs/api#{code.replace('_', '-')}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": sentence,
        "instance": request.url.path,
        "code": code,
        "reference": request.state.ap["request_id"],
    }
