"""The few pages that are no pages of the application: plain HTML in its style sheets, no scripts."""

import html
import re

from starlette.responses import HTMLResponse, Response

from agent_platform.core.mail import KeptMail

LINK = re.compile(r"https?://[^\s<>\"']+")
SHEETS = "".join(
    f'<link rel="stylesheet" href="/css/{name}.css">' for name in ("tokens", "base", "controls", "display")
)
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '{head}<title>{title} · Agent Platform</title><link rel="icon" href="/favicon.svg">{sheets}</head><body>'
    '<main style="max-width:40rem;margin:12vh auto;padding:0 16px" class="col gap-4"><h1>{title}</h1>{body}</main></body></html>'
)


def question(title: str, sentence: str, *, action: str, button: str) -> Response:
    """One sentence and one button that posts to `action`."""
    body = (
        f'<p>{html.escape(sentence)}</p><form method="post" action="{html.escape(action)}">'
        f'<button class="btn solid s3">{html.escape(button)}</button></form>'
    )
    return _page(title, body)


def note(title: str, sentence: str, *, href: str, link: str, at_once: bool = False) -> Response:
    """One sentence and one link, which `at_once` follows by itself."""
    target = html.escape(href)
    head = f'<meta http-equiv="refresh" content="0;url={target}">' if at_once else ""
    body = f'<p>{html.escape(sentence)}</p><p><a class="btn solid s3" href="{target}">{html.escape(link)}</a></p>'
    return _page(title, body, head=head)


def outbox(mails: list[KeptMail]) -> Response:
    """Kept mails, newest first, their links live."""
    cards = "".join(_card(mail) for mail in mails)
    intro = "<p class=muted>Local mode has no mail server: what would be sent is shown here, to anybody on this machine.</p>"
    return _page("Outbox", intro + (cards or "<p>No mail yet. Reload after something was sent.</p>"))


def _card(mail: KeptMail) -> str:
    text = LINK.sub(lambda found: f'<a class="link" href="{found[0]}">{found[0]}</a>', html.escape(mail.text))
    return (
        f'<article class="card card-body"><h2 class="block">{html.escape(mail.subject)}</h2>'
        f'<p class="meta muted">To {html.escape(mail.to)}, {html.escape(mail.kept_at)}</p>'
        f'<p class="prewrap">{text}</p></article>'
    )


def _page(title: str, body: str, *, head: str = "") -> Response:
    page = PAGE.format(title=html.escape(title), body=body, head=head, sheets=SHEETS)
    return HTMLResponse(page, headers={"Cache-Control": "private, no-store"})
