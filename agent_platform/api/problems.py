"""Errors as answers: `application/problem+json` for programs, one sentence on a page for people. Source: RFC 9457."""

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from agent_platform.core.errors import AppError, RateLimited

PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{status}</title>"
    "<body style='font:16px/1.5 system-ui,sans-serif;max-width:38rem;margin:20vh auto;padding:0 1rem'>"
    "<p>{sentence}</p><p><a href='/'>Go on</a></p><p style='color:#666;font-size:13px'>Reference {reference}</p>"
)


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
        page = PAGE.format(status=error.status, sentence=html.escape(error.sentence), reference=reference)
        return HTMLResponse(page, error.status, headers)
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
