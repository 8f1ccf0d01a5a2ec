"""Adding a sign-in to the account one is signed in to: needs a proof of the last 10 minutes, at both ends of the way."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from agent_platform.api._entry import ask, enter
from agent_platform.core.errors import Unauthenticated
from agent_platform.core.policy import current_caller
from agent_platform.services import identity
from agent_platform.services.identity.errors import CodeRefused


async def linking_user(request: Request, wish: str | None = None) -> UUID | None:
    """The person who asked with `link=1` to add a sign-in; None for an ordinary sign-in. Raises: Unauthenticated, SignInTooOld."""
    if (wish or request.query_params.get("link")) != "1":
        return None
    caller = current_caller()
    if caller.user_id is None or caller.session_id is None:
        raise Unauthenticated
    await ask(identity.refuse_stale, session_id=caller.session_id)
    return caller.user_id


async def add_to_account(request: Request, facts: identity.CodeFacts, **proof: Any) -> Response:
    """The account has one more sign-in; the browser gets a new session, because its rights have changed. Raises: IdentityTaken."""
    if facts.user_id is None or current_caller().user_id != facts.user_id:
        raise CodeRefused
    await ask(identity.add_identity, user_id=facts.user_id, **proof)
    return await enter(request, facts.user_id, facts.next_path)
