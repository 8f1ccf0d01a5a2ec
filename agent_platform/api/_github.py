"""Sign-in with GitHub: state of one use, PKCE, the numeric id. Source: security document 5.1."""

from dataclasses import dataclass
from typing import Any

from authlib.integrations.starlette_client import OAuth, OAuthError
from starlette.requests import Request
from starlette.responses import Response

from agent_platform.api import _cookies
from agent_platform.api._cookies import Cookie
from agent_platform.api._entry import (
    ask,
    base_url,
    count,
    enter,
    go,
    is_base_host,
    neutral,
    next_of,
    refuse,
    refuse_guessing,
    with_query,
)
from agent_platform.api._link import add_to_account, linking_user
from agent_platform.core import mail
from agent_platform.core.errors import AppError
from agent_platform.core.http import RequestFailed, configured_reach, transport
from agent_platform.core.ids import digest, new_secret
from agent_platform.core.policy import policy
from agent_platform.core.settings import get_settings
from agent_platform.services import identity

CALLBACK = "/auth/github/callback"
SECONDS = 10


class ProviderRefused(AppError):
    """GitHub did not say who this is."""

    status = 403
    code = "provider"


@dataclass(frozen=True)
class Account:
    """`number` never changes and is never given out again; `login` and `email` are display text."""

    number: int
    login: str
    name: str
    email: str | None


@policy("public", rate="sign_in")
@neutral
async def begin(request: Request) -> Response:
    """The browser is on its way to GitHub, or to the auth host first."""
    if not is_base_host(request):
        return go(with_query("/auth/start", next=next_of(request)))
    if not identity.sign_in_doors(get_settings()).github:
        return refuse(request, "github_closed", "not configured")
    await count(request)
    carries = identity.CodeFacts(user_id=await linking_user(request), next_path=next_of(request))
    verifier = new_secret()
    state = await ask(
        identity.issue_code,
        purpose=identity.CodePurpose.OAUTH,
        host=get_settings().base_host,
        binding=digest(verifier),
        carries=carries,
    )
    address = await _client().create_authorization_url(base_url(CALLBACK), state=state, code_verifier=verifier)
    response = go(address["url"])
    _cookies.put(response, Cookie.OAUTH, verifier)
    return response


@policy("public", rate="sign_in")
@neutral
async def finish(request: Request) -> Response:
    """Who GitHub says this is, signed in; or the account linked, if that was asked."""
    if not is_base_host(request):
        return refuse(request, "refused", "callback on a workspace's host")
    await refuse_guessing(request)
    verifier = _cookies.read(request, Cookie.OAUTH)
    state, code = request.query_params.get("state"), request.query_params.get("code")
    if not verifier or not state:
        return refuse(request, "refused", "state or cookie missing")
    facts = await ask(
        identity.redeem_code,
        code=state,
        purpose=identity.CodePurpose.OAUTH,
        host=get_settings().base_host,
        binding=digest(verifier),
    )
    if not code:
        return refuse(request, "provider", request.query_params.get("error", "no code")[:100])
    response = await _admit(request, facts, await _account_of(code, verifier))
    _cookies.drop(response, Cookie.OAUTH)
    return response


async def _admit(request: Request, facts: identity.CodeFacts, account: Account) -> Response:
    proof = {"provider": identity.Provider.GITHUB, "subject": str(account.number), "label": account.login}
    if facts.user_id:
        return await add_to_account(request, facts, **proof)
    user = await ask(identity.sign_in, **proof, display_name=account.name, email=account.email)
    return await enter(request, user.id, facts.next_path)


async def _account_of(code: str, verifier: str) -> Account:
    try:
        token = await _client().fetch_access_token(base_url(CALLBACK), code=code, code_verifier=verifier)
        person = await _read("user", token)
        email = _notice_address(await _read("user/emails", token))
    except (OAuthError, RequestFailed, ValueError, AppError) as error:
        raise ProviderRefused(f"{type(error).__name__}: {error}"[:300]) from error
    number, login = (person.get("id"), person.get("login")) if isinstance(person, dict) else (None, None)
    if type(number) is not int or number <= 0 or not isinstance(login, str):
        raise ProviderRefused("The answer names no account.")
    return Account(number, login, str(person.get("name") or login), email)


async def _read(path: str, token: dict[str, Any]) -> Any:
    answer = await _client().get(path, token=token, headers={"Accept": "application/vnd.github+json"})
    answer.raise_for_status()
    return answer.json()


def _notice_address(addresses: Any) -> str | None:
    for row in addresses if isinstance(addresses, list) else []:
        if isinstance(row, dict) and row.get("primary") is True and row.get("verified") is True:
            return mail.known_address(str(row.get("email")))
    return None


def _client() -> Any:
    """A client of one use: the library closes the connections of its transport after every call."""
    settings = get_settings()
    registry = OAuth()
    registry.register(
        "github",
        client_id=settings.github_client_id,
        client_secret=settings.github_client_secret,
        authorize_url=f"{settings.github_url}/login/oauth/authorize",
        access_token_url=f"{settings.github_url}/login/oauth/access_token",
        api_base_url=f"{settings.github_api_url}/",
        client_kwargs={
            "scope": "read:user user:email",
            "token_endpoint_auth_method": "client_secret_post",
            "code_challenge_method": "S256",
            "transport": transport(configured_reach(settings, settings.github_url, settings.github_api_url)),
            "trust_env": False,
            "timeout": SECONDS,
        },
    )
    return registry.create_client("github")
