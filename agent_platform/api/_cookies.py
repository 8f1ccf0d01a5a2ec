"""The four cookies of sign-in: host-only, HttpOnly, each a random secret of which the server stores the hash."""

import re
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from agent_platform.core.settings import get_settings

SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


class Cookie(StrEnum):
    """`pre` is the browser that asked for a mail, `nonce` the one that asked for a hand-over, `oauth` the PKCE verifier."""

    SESSION = "sid"
    BROWSER = "pre"
    NONCE = "nonce"
    OAUTH = "oauth"


SECONDS = {Cookie.SESSION: 14 * 86_400, Cookie.BROWSER: 15 * 60, Cookie.NONCE: 10 * 60, Cookie.OAUTH: 10 * 60}


def name_of(cookie: Cookie) -> str:
    """`__Host-` where the browser honours it; plain http is loopback only."""
    return f"__Host-{cookie}" if get_settings().secure_cookies else f"ap_{cookie}"


def read(request: Request, cookie: Cookie) -> str | None:
    """The secret; None for a malformed one and for two of the same name, of which one was planted by another host."""
    found = [
        value.strip()
        for header in request.headers.getlist("cookie")
        for key, _, value in (part.partition("=") for part in header.split(";"))
        if key.strip() == name_of(cookie)
    ]
    return found[0] if len(found) == 1 and SECRET.fullmatch(found[0]) else None


def put(response: Response, cookie: Cookie, secret: str) -> None:
    response.set_cookie(
        name_of(cookie),
        secret,
        max_age=SECONDS[cookie],
        path="/",
        secure=get_settings().secure_cookies,
        httponly=True,
        samesite="lax",
    )


def drop(response: Response, cookie: Cookie) -> None:
    response.delete_cookie(
        name_of(cookie), path="/", secure=get_settings().secure_cookies, httponly=True, samesite="lax"
    )
