"""Answers that may be kept for a moment, compressed, and asked for again at almost no cost."""

import gzip
import hashlib

from starlette.requests import Request
from starlette.responses import Response

KEPT = "public, max-age=60"
PRIVATE = "private, no-store"
LEAST_COMPRESSED = 500


def answer(
    request: Request,
    text: str,
    *,
    media_type: str,
    status: int = 200,
    keep: str = KEPT,
    headers: dict[str, str] | None = None,
) -> Response:
    """Nothing is kept that was asked for with a session, and no page that is not there."""
    body = text.encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    kept = keep if status == 200 and request.state.visitor.token_hash is None else PRIVATE
    said = {"Cache-Control": kept, "Vary": "Accept-Encoding, Cookie", **(headers or {})}
    if status == 200:
        said["ETag"] = tag
        if is_known(request, tag):
            return Response(status_code=304, headers=said)
    if len(body) >= LEAST_COMPRESSED and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 6, mtime=0)
        said["Content-Encoding"] = "gzip"
    return Response(body, status, said, f"{media_type}; charset=utf-8")


def is_known(request: Request, tag: str) -> bool:
    """Whether the reader holds this very version."""
    held = (one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(","))
    return tag.removeprefix("W/") in held
