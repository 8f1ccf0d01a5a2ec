"""Who may call what: the key of the request, its scopes, the host's workspace and the rate. Cookies are never read here."""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from agent_platform.api.v1._problems import KeyRefused, ScopeMissing, WrongTenant, problem_of
from agent_platform.core import rate
from agent_platform.core.errors import AppError
from agent_platform.core.floods import Rates
from agent_platform.core.ids import digest
from agent_platform.core.policy import Caller, Policy
from agent_platform.core.recent import Recent
from agent_platform.core.visit import place_of
from agent_platform.models.tenancy import Scope
from agent_platform.services import tenancy

BEARER = re.compile(r"bearer +([!-~]{1,200})", re.IGNORECASE)
CACHE_SECONDS = 1.0  # a revoked key opens nothing after it
PER_KEY = "60/second; 900/minute"
WRONG_KEYS_BY_ADDRESS = "30/minute; 300/hour"
BY_ADDRESS = Policy("public", rate="page")  # who has no key reads no more than a reader without scripts

KNOWN_SECONDS = 600.0

Endpoint = Callable[..., Any]
RateClass = str | Callable[[Request], str]  # of core/floods.py; "" for none
_recent: Recent[str, tenancy.KeyHolder] = Recent(seconds=CACHE_SECONDS, most=20_000)
_known: Recent[str, bool] = Recent(seconds=KNOWN_SECONDS, most=20_000)  # keys that lived when they were last looked up
_rates = Rates()


@dataclass(frozen=True)
class Access:
    """Who has come in; None for somebody without a key, where that is enough."""

    holder: tenancy.KeyHolder | None

    @property
    def caller(self) -> Caller:
        """Raises: KeyRefused."""
        if self.holder is None:
            raise KeyRefused
        return self.holder.caller

    @property
    def tenant_id(self) -> UUID:
        """Raises: KeyRefused."""
        tenant_id = self.caller.tenant_id
        assert tenant_id is not None  # every key is of a workspace
        return tenant_id

    def may(self, scope: Scope) -> bool:
        return self.holder is not None and scope.value in self.holder.scopes


def door(endpoint: Endpoint, scope: str | None, rate_class: RateClass = "") -> Callable[[Request], Awaitable[Response]]:
    """The endpoint as `(request, access)`, entered only with a key of this scope; None lets everybody in, with or without one."""

    async def enter(request: Request) -> Response:
        try:
            access = await _admit(request, scope)
            counted = rate_class(request) if callable(rate_class) else rate_class
            if counted and access.holder is not None:
                _rates.count(Policy("public", rate=counted), str(access.holder.key_id))
            if inspect.iscoroutinefunction(endpoint):
                return await endpoint(request, access)
            return await run_in_threadpool(endpoint, request, access)
        except AppError as error:
            return problem_of(request, error)

    return enter


async def ask_again(request: Request) -> Access:
    """Who acts now, for an answer that was waited for; counts against no rate. Raises: KeyRefused for a key that has ended since."""
    key = _key_of(request.headers.getlist("authorization"))
    kept = _recent.find(digest(key))
    holder = kept[0] if kept else await _look_up(key)
    if holder is None:
        raise KeyRefused
    return Access(holder)


def forget_all_keys() -> None:
    _recent.clear()
    _known.clear()


async def _admit(request: Request, scope: str | None) -> Access:
    sent = request.headers.getlist("authorization")
    if not sent:
        if scope is not None:
            raise KeyRefused
        _rates.count(BY_ADDRESS, place_of(request.state.ap["address"]))
        return Access(None)
    holder = await _holder(request, sent)
    host_tenant = request.state.ap["tenant_id"]
    if host_tenant is not None and host_tenant != holder.caller.tenant_id:
        raise WrongTenant
    await asyncio.to_thread(rate.hit, f"api:{holder.key_id}", PER_KEY)
    if scope is not None and scope not in holder.scopes:
        raise ScopeMissing(Scope(scope))
    return Access(holder)


async def _holder(request: Request, sent: list[str]) -> tenancy.KeyHolder:
    """Raises: KeyRefused, RateLimited for an address that keeps sending keys that open nothing.

    Such an address is not even looked up for, but with a key that has lived: one program does not shut out its neighbours.
    """
    key, place = _key_of(sent), f"wrong-key:{place_of(request.state.ap['address'])}"
    if kept := _recent.find(digest(key)):
        return kept[0]
    if not _known.find(digest(key)):
        await asyncio.to_thread(rate.refuse_exhausted, place, WRONG_KEYS_BY_ADDRESS)
    holder = await _look_up(key)
    if holder is None:
        await asyncio.to_thread(rate.hit, place, WRONG_KEYS_BY_ADDRESS)
        raise KeyRefused
    return holder


async def _look_up(key: str) -> tenancy.KeyHolder | None:
    name = digest(key)
    holder = await asyncio.to_thread(tenancy.in_platform, tenancy.find_key_holder, key=key)
    if holder is None:
        _known.forget(name)
        return None
    _known.keep(name, True)
    return _recent.keep(name, holder)


def _key_of(sent: list[str]) -> str:
    """Raises: KeyRefused for anything but one key that is spelt like one."""
    found = BEARER.fullmatch(sent[0].strip()) if len(sent) == 1 else None
    if found is None or not tenancy.is_key(found[1]):
        raise KeyRefused
    return found[1]
