"""Changes of one's own account that end or renew sessions: a further sign-in by mail, and leaving."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from agent_platform.api import _cookies, _paper
from agent_platform.api._cookies import Cookie
from agent_platform.api._entry import (
    HOME,
    SIGN_IN,
    ask,
    base_url,
    enter,
    form_of,
    go,
    is_base_host,
    neutral,
    refuse_guessing,
    with_query,
)
from agent_platform.core.policy import current_caller, policy
from agent_platform.services import identity
from agent_platform.state.callers import forget_caller
from agent_platform.views.format import date_text


@policy("public", rate="sign_in")
@neutral
async def ask_email(request: Request) -> Response:
    """A page with one button: following a link changes nothing by itself."""
    here = with_query(identity.ADD_EMAIL, code=request.query_params.get("code", ""))
    if not is_base_host(request):
        return go(base_url(here))
    if current_caller().user_id is None:
        return go(with_query(SIGN_IN, next=here))
    return _paper.question(
        "Add a way to sign in",
        f"Links sent to this address will sign you in to the account of {current_caller().user_name}.",
        action=here,
        button="Add the address",
    )


@policy("signed_in", rate="sign_in")
@neutral
async def add_email(request: Request) -> Response:
    """The account has one more sign-in; the browser gets a new session, because its rights have changed."""
    await refuse_guessing(request)
    user_id, code = current_caller().user_id, request.query_params.get("code", "")
    assert user_id is not None
    await ask(identity.confirm_email_identity, user_id=user_id, code=code)
    entered = await enter(request, user_id, HOME)
    # not a redirect: browsers hold a form's redirects to the page's own host, and the workspace is another one
    said = _paper.note(
        "Address added", "Links sent to it sign you in from now on.", href=HOME, link="Go on", at_once=True
    )
    said.raw_headers += [pair for pair in entered.raw_headers if pair[0] == b"set-cookie"]
    return said


@policy("signed_in", rate="sign_in")
async def leave(request: Request) -> Response:
    """The account will be deleted, and nobody is signed in to it now. Raises: InputInvalid, SoleOwner, OperatorStays."""
    caller, form = current_caller(), await form_of(request)
    at = await ask(identity.request_deletion, user_id=caller.user_id, confirmation=form.get("confirmation", ""))
    forget_caller(request.state.visitor)
    response = _paper.note(
        "You are signed out everywhere",
        f"Your account will be deleted on {date_text(at, datetime.now(UTC), ZoneInfo(caller.time_zone))}. To keep it, sign in before that and press Keep my account.",
        href="/",
        link="Go on",
    )
    _cookies.drop(response, Cookie.SESSION)
    return response
