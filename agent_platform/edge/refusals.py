"""A request ends here: one sentence, as HTML for people and plain text for programs."""

import html
from collections.abc import Iterable

from starlette.types import Send

from agent_platform.core.errors import AppError

PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>{status}</title><body style='font:16px/1.5 system-ui,sans-serif;max-width:38rem;margin:20vh auto;padding:0 1rem'>"
    "<p>{sentence}</p>{link}<p style='color:#666;font-size:13px'>Reference {reference}</p>"
)
Headers = list[tuple[bytes, bytes]]


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
    send: Send, refusal: Refusal, *, wants_html: bool, reference: str, kind: str = "http.response"
) -> None:
    """The whole answer has been sent; `kind` is `websocket.http.response` for a socket that is refused."""
    body = _page(refusal, reference) if wants_html else f"{refusal.sentence}\nReference {reference}\n"
    content = b"text/html; charset=utf-8" if wants_html else b"text/plain; charset=utf-8"
    encoded = body.encode()
    headers: Headers = [
        (b"content-type", content),
        (b"content-length", str(len(encoded)).encode()),
        (b"cache-control", b"no-store"),
        *refusal.headers,
    ]
    await send({"type": f"{kind}.start", "status": refusal.http_status, "headers": headers})
    await send({"type": f"{kind}.body", "body": encoded, "more_body": False})


def _page(refusal: Refusal, reference: str) -> str:
    address = html.escape(refusal.link, quote=True)
    return PAGE.format(
        status=refusal.http_status,
        sentence=html.escape(refusal.sentence),
        link=f'<p><a href="{address}">{address}</a></p>' if refusal.link else "",
        reference=html.escape(reference),
    )
