"""Sign-in by a link in a mail, valid only in the browser that asked; and the confirmation of a notice address."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agent_platform.api import _cookies, _paper
from agent_platform.api._cookies import Cookie
from agent_platform.api._entry import (
    SIGN_IN,
    ask,
    base_url,
    count,
    enter,
    form_of,
    go,
    is_base_host,
    neutral,
    refuse,
    refuse_guessing,
    safe_path,
    with_query,
)
from agent_platform.api._link import add_to_account, linking_user
from agent_platform.core import mail, rate
from agent_platform.core.ids import digest, new_secret
from agent_platform.core.policy import current_caller, policy
from agent_platform.core.settings import get_settings
from agent_platform.services import identity

FINISH = "/auth/email/finish"
CONFIRM = "/auth/notice-address"


@policy("public", rate="sign_in")
@neutral
async def begin(request: Request) -> Response:
    """A link is on its way. The answer is the same whether the address is known or not."""
    if not is_base_host(request):
        return go("/auth/start")
    if not identity.sign_in_doors(get_settings()).email:
        return refuse(request, "email_closed", "no mail service")
    await count(request)
    form = await form_of(request)
    address = mail.known_address(form.get("email", ""))
    await run_in_threadpool(rate.hit, f"sign_in_mail:{digest(address)}", rate.SIGN_IN_BY_ACCOUNT)
    carries = identity.CodeFacts(
        user_id=await linking_user(request, form.get("link", "0")), email=address, next_path=safe_path(form.get("next"))
    )
    browser = _cookies.read(request, Cookie.BROWSER) or new_secret()
    await _send_link(address, browser, carries)
    response = go(with_query(SIGN_IN, sent="1", next=carries.next_path))
    _cookies.put(response, Cookie.BROWSER, browser)
    return response


@policy("public", rate="sign_in")
@neutral
async def finish(request: Request) -> Response:
    """Who owns the address, signed in; or the address linked, if that was asked."""
    await refuse_guessing(request)
    browser = _cookies.read(request, Cookie.BROWSER)
    if not is_base_host(request) or not browser:
        return refuse(request, "refused", "another browser or host")
    facts = await ask(
        identity.redeem_code,
        code=request.query_params.get("code", ""),
        purpose=identity.CodePurpose.EMAIL,
        host=get_settings().base_host,
        binding=digest(browser),
    )
    proof = {"provider": identity.Provider.EMAIL, "subject": facts.email, "label": facts.email}
    if facts.user_id:
        response = await add_to_account(request, facts, **proof)
    else:
        name = facts.email.partition("@")[0]
        user = await ask(identity.sign_in, **proof, display_name=name, email=facts.email)
        response = await enter(request, user.id, facts.next_path)
    _cookies.drop(response, Cookie.BROWSER)
    return response


@policy("public", rate="sign_in")
@neutral
async def ask_confirmation(request: Request) -> Response:
    """A page with one button: following a link changes nothing by itself."""
    here = with_query(CONFIRM, code=request.query_params.get("code", ""))
    if not is_base_host(request):
        return go(base_url(here))
    if current_caller().user_id is None:
        return go(with_query(SIGN_IN, next=here))
    return _paper.question(
        "Confirm your notice address",
        "Notices of your account will go to the address that this link was sent to.",
        action=here,
        button="Confirm",
    )


@policy("signed_in", rate="sign_in")
@neutral
async def confirm(request: Request) -> Response:
    """The new notice address is in use."""
    await refuse_guessing(request)
    user_id = current_caller().user_id
    email = await ask(identity.confirm_notice_email, user_id=user_id, code=request.query_params.get("code", ""))
    return _paper.note("Notice address changed", f"Notices now go to {email}.", href="/", link="Go on")


async def _send_link(address: str, browser: str, carries: identity.CodeFacts) -> None:
    code = await ask(
        identity.issue_code,
        purpose=identity.CodePurpose.EMAIL,
        host=get_settings().base_host,
        binding=digest(browser),
        carries=carries,
    )
    text = (
        "Somebody, hopefully you, wants to sign in to Agent Platform with this address.\n\n"
        f"Open this within 15 minutes, in the browser that asked:\n{base_url(with_query(FINISH, code=code))}\n\n"
        "If it was not you, ignore this message: without it nobody gets in."
    )
    await run_in_threadpool(mail.send, to=address, subject="Your sign-in link", text=text)
