"""From the auth host to a workspace's host by a one-time code; sign-out; the operator's link. Source: security document 5.2, 5.3."""

import re

import structlog
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
    go,
    is_base_host,
    neutral,
    next_of,
    onward,
    refuse,
    refuse_guessing,
    with_query,
)
from agent_platform.core.ids import digest, new_secret
from agent_platform.core.policy import current_caller, policy
from agent_platform.core.settings import get_settings
from agent_platform.services import identity, tenancy
from agent_platform.state.callers import forget_caller

log = structlog.get_logger()
HASH = re.compile(r"[0-9a-f]{64}")


@policy("public", rate="sign_in")
@neutral
async def start(request: Request) -> Response:
    """On a workspace's host: the browser is on its way to the auth host, holding the nonce that it must bring back."""
    if current_caller().user_id is not None:
        return go(onward(request, next_of(request)))
    if is_base_host(request):
        return go(with_query(SIGN_IN, next=next_of(request)))
    nonce = new_secret()
    target = with_query(
        "/auth/hand-off", to=request.state.ap["tenant_slug"], nonce=digest(nonce), next=next_of(request)
    )
    response = go(base_url(target))
    _cookies.put(response, Cookie.NONCE, nonce)
    return response


@policy("public", rate="sign_in")
@neutral
async def hand_off(request: Request) -> Response:
    """On the auth host: a code for one host, one browser, one person and 60 seconds."""
    slug, nonce = request.query_params.get("to", ""), request.query_params.get("nonce", "")
    if not is_base_host(request) or not HASH.fullmatch(nonce):
        return refuse(request, "refused", "malformed hand-over")
    caller = current_caller()
    if caller.user_id is None:
        return go(with_query(SIGN_IN, next=with_query("/auth/hand-off", to=slug, nonce=nonce, next=next_of(request))))
    tenant = await _tenant_of_member(slug)
    if tenant is None:
        return await _unknown(request, slug)
    url = get_settings().tenant_url(tenant.slug)
    code = await ask(
        identity.issue_code,
        purpose=identity.CodePurpose.HAND_OFF,
        host=f"{tenant.slug}.{get_settings().base_host}",
        binding=nonce,
        carries=identity.CodeFacts(user_id=caller.user_id, session_id=caller.session_id, next_path=next_of(request)),
    )
    return go(url + with_query("/auth/finish", code=code))


@policy("public", rate="sign_in")
@neutral
async def finish(request: Request) -> Response:
    """On the workspace's host: a session of this host, handed over from the one on the auth host."""
    await refuse_guessing(request)
    nonce = _cookies.read(request, Cookie.NONCE)
    if is_base_host(request) or not nonce:
        return refuse(request, "refused", "another browser or host")
    facts = await ask(
        identity.redeem_code,
        code=request.query_params.get("code", ""),
        purpose=identity.CodePurpose.HAND_OFF,
        host=request.state.ap["host"],
        binding=digest(nonce),
    )
    response = await enter(request, facts.user_id, facts.next_path, root_id=facts.session_id)
    _cookies.drop(response, Cookie.NONCE)
    return response


@policy("public", rate="sign_in")
@neutral
async def switch(request: Request) -> Response:
    """The browser is on its way to another workspace of the person. Only the auth host asks who they are."""
    slug = request.query_params.get("to", "")
    if current_caller().user_id is None:
        again = with_query("/auth/switch", to=slug, next=next_of(request))
        return go(with_query(SIGN_IN, next=again) if is_base_host(request) else base_url(again))
    tenant = await _tenant_of_member(slug)
    if tenant is None:
        return await _unknown(request, slug)
    wanted = next_of(request)
    onward = "/overview" if wanted == "/" else wanted  # whoever switches goes to work, not to a storefront
    return go(get_settings().tenant_url(tenant.slug) + with_query("/auth/start", next=onward))


@policy("public", rate="sign_in")
@neutral
async def home(request: Request) -> Response:
    """The browser is on its way to the overview of the person's last workspace; to the form for one, if they have none."""
    if not is_base_host(request):
        return go(base_url(HOME))
    if current_caller().user_id is None:
        return go(with_query(SIGN_IN, next=HOME))
    slug = await ask(identity.home_of, user_id=current_caller().user_id)
    return go(with_query("/auth/switch", to=slug, next="/overview") if slug else "/start")


@policy("public", rate="sign_in")
@neutral
async def admin(request: Request) -> Response:
    """Whoever could print the link on the server's shell is the operator."""
    await refuse_guessing(request)
    if not is_base_host(request):
        return refuse(request, "refused", "admin link on a workspace's host")
    facts = await ask(
        identity.redeem_code,
        code=request.query_params.get("code", ""),
        purpose=identity.CodePurpose.ADMIN,
        host=get_settings().base_host,
    )
    return await enter(request, facts.user_id, next_of(request))


@policy("public")
async def sign_out(request: Request) -> Response:
    """This browser is signed out on every host its sign-in was handed to."""
    token = _cookies.read(request, Cookie.SESSION)
    if token:
        await ask(identity.end_session, token=token)
    return _without_session(request)


@policy("signed_in")
async def sign_out_everywhere(request: Request) -> Response:
    """The person is signed out in every browser."""
    await ask(identity.end_all_sessions, user_id=current_caller().user_id)
    return _without_session(request)


async def _tenant_of_member(slug: str) -> tenancy.TenantFacts | None:
    tenant = await ask(tenancy.find_tenant_by_slug, slug=slug)
    user_id = current_caller().user_id
    if tenant is None or await ask(tenancy.membership_of, tenant_id=tenant.id, user_id=user_id) is None:
        return None
    return tenant


async def _unknown(request: Request, slug: str) -> Response:
    """What a person reads who is signed in and is no member there."""
    reference, caller = request.state.ap["request_id"], current_caller()
    log.warning("no_member", slug=slug[:40], path=request.url.path, reference=reference)
    workspaces = await ask(tenancy.list_workspaces, user_id=caller.user_id)
    return _paper.stranger(caller.user_name, workspaces, reference=reference)


def _without_session(request: Request) -> Response:
    forget_caller(request.state.visitor)
    response = go("/")
    _cookies.drop(response, Cookie.SESSION)
    return response
