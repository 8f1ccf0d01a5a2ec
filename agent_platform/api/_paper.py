"""The few pages that are no pages of the application: plain HTML in its style sheets, no scripts."""

import html
import re

from starlette.responses import HTMLResponse, Response

from agent_platform.core.mail import KeptMail
from agent_platform.core.policy import Caller, current_caller, known_caller
from agent_platform.services import tenancy
from agent_platform.views.shell import STRANGER, STRANGER_NEXT

LINK = re.compile(r"https?://[^\s<>\"']+")
SHEETS = "".join(
    f'<link rel="stylesheet" href="/css/{name}.css">'
    for name in ("tokens", "base", "controls", "display", "shell", "pages")
)
# In dark mode by a person's choice, or by what their system prefers.
DARK_SHEETS = {
    "dark": '<link rel="stylesheet" href="/css/tokens-dark.css">',
    "system": '<link rel="stylesheet" href="/css/tokens-dark.css" media="(prefers-color-scheme: dark)">',
}
PAGE = (
    '<!doctype html><html lang="en" class="{mode}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<style>*{{box-sizing:border-box}}body,h1,h2,p{{margin:0}}</style>{head}<title>{title} · Agent Platform</title><link rel="icon" href="/favicon.svg">{sheets}</head><body>{top}'
    '<main style="max-width:40rem;margin:48px auto;padding:0 16px" class="col gap-4"><h1>{title}</h1>{body}</main></body></html>'
)
TOP = (
    '<header class="public-head"><a class="wordmark" href="/"><svg class="mark" width="22" height="22" aria-hidden="true">'
    '<use href="/brand/coin.svg#coin"></use></svg><span>Agent Platform</span></a>'
    '<nav aria-label="Main"><a href="/agents">Agents</a><a href="/docs/first-agent">For creators</a><a href="/docs">Docs</a></nav>'
    '<span class="grow"></span><a class="btn outline" href="{href}">{way}</a></header>'
)


def question(title: str, sentence: str, *, action: str, button: str) -> Response:
    """One sentence and one button that posts to `action`."""
    body = (
        f'<p>{html.escape(sentence)}</p><form method="post" action="{html.escape(action)}">'
        f'<button class="btn solid s3">{html.escape(button)}</button></form>'
    )
    return _page(title, body, caller=current_caller())


def note(title: str, sentence: str, *, href: str, link: str, at_once: bool = False) -> Response:
    """One sentence and one link, which `at_once` follows by itself."""
    target = html.escape(href)
    head = f'<meta http-equiv="refresh" content="0;url={target}">' if at_once else ""
    body = f'<p>{html.escape(sentence)}</p><p><a class="btn solid s3" href="{target}">{html.escape(link)}</a></p>'
    return _page(title, body, head=head, caller=current_caller())


def form(title: str, body: str, *, status: int, headers: dict[str, str] | None = None) -> Response:
    """A page around HTML that its maker has escaped, for a form that could not be taken as it was sent."""
    return _page(title, body, caller=current_caller(), status=status, headers=headers)


def refusal(sentence: str, *, reference: str, status: int, headers: dict[str, str]) -> Response:
    """Why a request was not done, where the person goes on, and what finds it in the log."""
    body = (
        f'<p>{html.escape(sentence)}</p><p><a class="btn outline s3" href="/">Go on</a></p>'
        f'<p class="meta muted mono">Reference {html.escape(reference)}</p>'
    )
    return _page("This did not work", body, caller=known_caller(), status=status, headers=headers)


def stranger(name: str, workspaces: list[tenancy.WorkspaceFacts], *, reference: str) -> Response:
    """Somebody is signed in and no member of the workspace they asked for; the same whether there is such a workspace or not."""
    links = "".join(
        f'<a class="menu-item" href="/auth/switch?to={html.escape(one.slug)}"><span class="grow truncate">{html.escape(one.name)}</span>'
        f'<span class="mono meta muted">{html.escape(one.slug)}</span></a>'
        for one in workspaces
    )
    body = (
        f"<p>You are signed in as {html.escape(name)}. {html.escape(STRANGER_NEXT)}</p>"
        f'<nav class="card places" aria-label="Your workspaces">{links}<a class="menu-item" href="/start?new=1">New workspace</a></nav>'
        '<form method="post" action="/auth/sign-out"><button class="btn outline">Sign out</button></form>'
        f'<p class="meta muted mono">Reference {html.escape(reference)}</p>'
    )
    return _page(STRANGER, body, caller=current_caller(), status=403)


def outbox(mails: list[KeptMail]) -> Response:
    """Kept mails, newest first, their links live."""
    cards = "".join(_card(mail) for mail in mails)
    intro = '<p class="muted">Local mode has no mail server: what would be sent is shown here, to anybody on this machine.</p>'
    return _page(
        "Outbox", intro + (cards or "<p>No mail yet. Reload after something was sent.</p>"), caller=current_caller()
    )


def _card(mail: KeptMail) -> str:
    text = LINK.sub(lambda found: f'<a class="link" href="{found[0]}">{found[0]}</a>', html.escape(mail.text))
    return (
        f'<article class="card card-body"><h2 class="block">{html.escape(mail.subject)}</h2>'
        f'<p class="meta muted">To {html.escape(mail.to)}, {html.escape(mail.kept_at)}</p>'
        f'<p class="prewrap">{text}</p></article>'
    )


def _page(
    title: str, body: str, *, caller: Caller, head: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """In the caller's colours, under the header of every public page."""
    known = caller.user_id is not None
    top = TOP.format(href="/auth/home" if known else "/sign-in", way="Your workspace" if known else "Sign in")
    page = PAGE.format(
        title=html.escape(title),
        body=body,
        head=head,
        top=top,
        mode="light" if caller.color_mode == "light" else "dark",
        sheets=SHEETS + DARK_SHEETS.get(caller.color_mode, ""),
    )
    return HTMLResponse(page, status, {"Cache-Control": "private, no-store", **(headers or {})})
