"""A request ends here: one sentence, as HTML for people, as a problem for callers of the API, else as plain text."""

import html
import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Literal

from starlette.types import Send

from agent_platform.core.errors import AppError
from agent_platform.core.settings import get_settings

PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<meta name=color-scheme content='light dark'>"
    "<title>{status}</title><body style='font:16px/1.5 system-ui,sans-serif;max-width:38rem;margin:20vh auto;padding:0 1rem'>"
    "<p>{sentence}</p>{link}<p style='opacity:.75;font-size:13px;overflow-wrap:anywhere'>Reference {reference}</p>"
)
Headers = list[tuple[bytes, bytes]]
Notation = Literal["html", "text", "problem"]
MEDIA_TYPES: dict[Notation, bytes] = {
    "html": b"text/html; charset=utf-8",
    "text": b"text/plain; charset=utf-8",
    "problem": b"application/problem+json",
}
# the API has names of its own for these
CODES = {413: "too_large", 414: "too_long", 429: "rate_limited", 500: "error", 503: "unavailable"}


class Refusal(AppError):
    """`status` answers HTTP; `link` may lead on; `headers` go with it. A socket is closed before it is accepted."""

    def __init__(
        self, status: int, sentence: str, *, link: str = "", headers: Iterable[tuple[bytes, bytes]] = ()
    ) -> None:
        super().__init__(sentence)
        self.http_status = status
        self.link = link
        self.headers = tuple(headers)


async def answer(
    send: Send,
    refusal: Refusal,
    *,
    notation: Notation,
    reference: str,
    path: str = "",
    kind: str = "http.response",
) -> None:
    """The whole answer has been sent; `kind` is `websocket.http.response` for a socket that is refused. `path` is for problems."""
    if notation == "problem":
        encoded = _problem(refusal, reference, path).encode()
    else:
        encoded = (_page if notation == "html" else _text)(refusal, reference).encode()
    headers: Headers = [
        (b"content-type", MEDIA_TYPES[notation]),
        (b"content-length", str(len(encoded)).encode()),
        (b"cache-control", b"no-store"),
        *refusal.headers,
    ]
    await send({"type": f"{kind}.start", "status": refusal.http_status, "headers": headers})
    await send({"type": f"{kind}.body", "body": encoded, "more_body": False})


def _text(refusal: Refusal, reference: str) -> str:
    return f"{refusal.sentence}\nReference {reference}\n"


def _problem(refusal: Refusal, reference: str, path: str) -> str:
    """Source: RFC 9457. The same members as problems of `/v1` itself have."""
    phrase = HTTPStatus(refusal.http_status).phrase
    code = CODES.get(refusal.http_status, phrase.lower().replace(" ", "_"))
    facts = {
        "type": f"{get_settings().base_url}/docs/api#{code.replace('_', '-')}",
        "title": code.replace("_", " ").capitalize(),
        "status": refusal.http_status,
        "detail": refusal.sentence,
        "instance": path,
        "code": code,
        "reference": reference,
        "errors": [],
    }
    return json.dumps(facts)


def _page(refusal: Refusal, reference: str) -> str:
    """What the system prefers, light or dark. Of what failed on our side the same address is offered again."""
    address = html.escape(refusal.link, quote=True)
    again = '<p><a href="">Load it again</a></p>' if refusal.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""
    return PAGE.format(
        status=refusal.http_status,
        sentence=html.escape(refusal.sentence),
        link=f'<p><a href="{address}">{address}</a></p>' if refusal.link else again,
        reference=html.escape(reference),
    )
