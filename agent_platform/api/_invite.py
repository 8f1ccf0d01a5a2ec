"""The page behind an invitation's link."""

from starlette.requests import Request
from starlette.responses import Response

from agent_platform.api import _cookies, _paper
from agent_platform.api._entry import (
    SIGN_IN,
    ask,
    base_url,
    count_wrong_code,
    go,
    is_base_host,
    refuse_guessing,
    with_query,
)
from agent_platform.core.policy import current_caller, policy
from agent_platform.services import tenancy
from agent_platform.services.tenancy.errors import InvitationInvalid


@policy("public", rate="sign_in")
async def show(request: Request) -> Response:
    """What the link offers to the person it is for; who is not signed in signs in first.

    Raises: InvitationInvalid, InvitationForAnother.
    """
    await refuse_guessing(request)
    code = _code_of(request)
    if not is_base_host(request):
        return go(base_url(f"/invite/{code}"))
    invitation = await ask(tenancy.find_invitation, code=code, user_id=current_caller().user_id)
    if invitation is None:
        await count_wrong_code(request)
        raise InvitationInvalid
    if current_caller().user_id is None:
        return go(with_query(SIGN_IN, next=f"/invite/{code}"))
    return _paper.question(
        f"Join {invitation.workspace}",
        f"You are signed in as {current_caller().user_name} and will be {invitation.role} of {invitation.workspace}.",
        action=f"/invite/{code}",
        button="Accept the invitation",
    )


@policy("signed_in", rate="sign_in")
async def accept(request: Request) -> Response:
    """The person is a member; the link is used up. Raises: InvitationInvalid, InvitationForAnother, AlreadyMember, MembersFull."""
    await refuse_guessing(request)
    user_id = current_caller().user_id
    joined = await ask(tenancy.accept_invitation, code=_code_of(request), user_id=user_id)
    # not a redirect: browsers hold a form's redirects to the page's own host, and the workspace is another one
    return _paper.note(
        f"Welcome to {joined.name}",
        f"You are {joined.role} of this workspace.",
        href=with_query("/auth/switch", to=joined.slug),
        link="Open the workspace",
        at_once=True,
    )


def _code_of(request: Request) -> str:
    code = request.path_params["code"]
    if not _cookies.SECRET.fullmatch(code):
        raise InvitationInvalid
    return code
