"""What all sign-in routes share: where to go next, how to refuse, how to let somebody in."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit
from uuid import UUID

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agent_platform.api import _cookies
from agent_platform.api._cookies import Cookie
from agent_platform.core import rate
from agent_platform.core.errors import AppError, InputInvalid, RateLimited
from agent_platform.core.settings import get_settings
from agent_platform.core.storable import storable
from agent_platform.core.visit import place_of
from agent_platform.services import identity
from agent_platform.services.identity.errors import CodeRefused

log = structlog.get_logger()
Endpoint = Callable[[Request], Awaitable[Response]]
LONGEST_PATH = 2_000
LONGEST_FORM = 16_384
SIGN_IN = "/sign-in"
HOME = "/auth/home"


def safe_path(text: str | None) -> str:
    """A path of the same host, parsed and rebuilt; `/` for anything else. The only judge of every `next`."""
    if not text or len(text) > LONGEST_PATH or not text.startswith("/") or text.startswith("//") or "\\" in text:
        return "/"
    if any(ord(letter) <= ord(" ") or ord(letter) == 0x7F for letter in text):
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or parts.path.startswith("//"):
        return "/"
    path = quote(parts.path, safe="/%:@-._~!$&'()*+,;=")
    return f"{path}?{quote(parts.query, safe='/%:@-._~!$&()*+,;=?')}" if parts.query else path


def next_of(request: Request) -> str:
    return safe_path(request.query_params.get("next"))


def onward(request: Request, target: str) -> str:
    """The target; on the base domain, for somebody without one, the way to their workspace in place of the first page."""
    return HOME if target == "/" and is_base_host(request) else target


def with_query(path: str, **values: str) -> str:
    return f"{path}?{urlencode({name: value for name, value in values.items() if value})}"


def go(target: str) -> Response:
    return RedirectResponse(target, 303, {"Cache-Control": "private, no-store"})


def is_base_host(request: Request) -> bool:
    return request.state.ap["tenant_slug"] is None


def browser_of(request: Request) -> identity.Browser:
    visit = request.state.ap
    return identity.Browser(visit["host"], request.headers.get("user-agent", ""), visit["address"])


def refuse(request: Request, problem: str, reason: str) -> Response:
    """Back to the sign-in page with a neutral sentence and a reference; the reason is in the log beneath it."""
    reference = request.state.ap["request_id"]
    log.warning("sign_in_refused", problem=problem, reason=reason, path=request.url.path, reference=reference)
    return go(with_query(SIGN_IN, problem=problem, ref=reference))


def neutral(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with every expected failure shown as one sentence on the sign-in page. HEAD uses no code up."""

    @functools.wraps(endpoint)
    async def answer(request: Request) -> Response:
        if request.method == "HEAD":
            return Response(status_code=405)
        try:
            return await endpoint(request)
        except RateLimited:
            raise
        except CodeRefused as error:
            await count_wrong_code(request)
            return refuse(request, "refused", type(error).__name__)
        except AppError as error:
            problem = error.code if error.code in identity.PROBLEMS else "refused"
            return refuse(request, problem, f"{type(error).__name__}: {error.sentence}")

    return answer


async def count(request: Request) -> None:
    """One more sign-in is begun from this address. Raises: RateLimited."""
    await run_in_threadpool(rate.hit, f"sign_in:{_place(request)}", rate.SIGN_IN_BY_ADDRESS)


async def refuse_guessing(request: Request) -> None:
    """Returns unless this address has sent too many codes that were none; right ones are not counted. Raises: RateLimited."""
    await run_in_threadpool(rate.refuse_exhausted, _guesses(request), rate.SIGN_IN_BY_ADDRESS)


async def ask(function: Callable[..., Any], **arguments: Any) -> Any:
    """What a function of a platform session returned, in a thread."""
    return await run_in_threadpool(identity.in_platform, function, **arguments)


async def enter(request: Request, user_id: UUID, target: str, *, root_id: UUID | None = None) -> Response:
    """The browser has a new session of this host and goes on; the one it had is ended, so none can be planted."""
    old = _cookies.read(request, Cookie.SESSION)
    if old:
        await ask(identity.end_session, token=old)
    token = await ask(identity.open_session, user_id=user_id, browser=browser_of(request), root_id=root_id)
    response = go(onward(request, target))
    _cookies.put(response, Cookie.SESSION, token)
    return response


async def form_of(request: Request, most_bytes: int = LONGEST_FORM) -> dict[str, str]:
    """The fields of a form, the last of each name. Raises: InputInvalid for any other content."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise InputInvalid("Send this as a form. Nothing was changed.")
    body = await request.body()
    if len(body) > most_bytes:
        raise InputInvalid("This form is too long. Nothing was changed.")
    try:
        fields = dict(parse_qsl(body.decode("ascii"), max_num_fields=20))
    except ValueError:
        raise InputInvalid("This form is damaged. Nothing was changed.") from None
    return storable(fields, instead="")


async def count_wrong_code(request: Request) -> None:
    """Raises: RateLimited."""
    await run_in_threadpool(rate.hit, _guesses(request), rate.SIGN_IN_BY_ADDRESS)


def _guesses(request: Request) -> str:
    return f"codes:{_place(request)}"


def _place(request: Request) -> str:
    return place_of(request.state.ap["address"])


def base_url(path: str) -> str:
    return get_settings().base_url + path
