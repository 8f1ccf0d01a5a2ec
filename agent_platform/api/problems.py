"""Errors as answers: `application/problem+json` for programs, one sentence on a page for people. Source: RFC 9457."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_platform.api import _paper
from agent_platform.core.errors import AppError, RateLimited


async def failed(request: Request, _error: Exception) -> Response:
    """What anything but an AppError becomes; the edge logs it under the same reference."""
    return problem_of(
        request, AppError("Something failed on our side. Try again; nothing was charged by this request.")
    )


def problem_of(request: Request, error: AppError) -> Response:
    """The error's sentence with its status; `reference` finds the request in the log."""
    reference = request.state.ap["request_id"]
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if "text/html" in request.headers.get("accept", ""):
        return _paper.refusal(error.sentence, reference=reference, status=error.status, headers=headers)
    body = {
        "type": "about:blank",
        "title": error.code.replace("_", " ").capitalize(),
        "status": error.status,
        "code": error.code,
        "detail": error.sentence,
        "errors": [{"path": problem.path, "message": problem.message} for problem in error.errors],
        "reference": reference,
    }
    return JSONResponse(body, error.status, headers, media_type="application/problem+json")
