"""Who acts: cookie and host -> session row -> member of the host's tenant, at most a second old."""

import asyncio
import re
from contextvars import ContextVar
from dataclasses import dataclass

from agent_platform.core.errors import Unauthenticated
from agent_platform.core.ids import digest
from agent_platform.core.policy import ANONYMOUS, Caller, Policy, set_caller
from agent_platform.core.recent import Recent
from agent_platform.core.settings import Settings, get_settings
from agent_platform.services import identity

SESSION_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
CACHE_SECONDS = 1.0  # a sign-out, ban or change of role takes effect within it
CACHED_CALLERS = 20_000

_recent: Recent["Visitor", Caller] = Recent(seconds=CACHE_SECONDS, most=CACHED_CALLERS)
_event: ContextVar["CheckedEvent | None"] = ContextVar("checked_event", default=None)


@dataclass(frozen=True)
class Visitor:
    """A browser on one host: SHA-256 of its session token (None without a well-formed one) and the Host it sent."""

    token_hash: str | None
    host: str


@dataclass(frozen=True)
class CheckedEvent:
    """What the gate has found about the event at hand; a background task asks again with it."""

    visitor: Visitor
    wanted: Policy
    address: str = ""  # the visitor's, behind as many proxies as configured


def cookie_name(settings: Settings) -> str:
    return "__Host-sid" if settings.secure_cookies else "ap_sid"


def visitor_of(cookie_header: str, host: str) -> Visitor:
    """A header that names the cookie twice counts as none: the second one was planted from another host."""
    name = cookie_name(get_settings())
    tokens = [
        value.strip()
        for key, _, value in (part.partition("=") for part in cookie_header.split(";"))
        if key.strip() == name
    ]
    token = tokens[0] if len(tokens) == 1 and SESSION_TOKEN.fullmatch(tokens[0]) else None
    return Visitor(digest(token) if token else None, host.lower())


async def find_caller(visitor: Visitor) -> Caller:
    """`ANONYMOUS` unless the visitor has a session of this host."""
    if visitor.token_hash is None:
        return ANONYMOUS
    if found := _recent.find(visitor):
        return found[0]
    caller = await asyncio.to_thread(
        identity.in_platform, identity.find_caller, token_hash=visitor.token_hash, host=visitor.host
    )
    return _recent.keep(visitor, caller or ANONYMOUS)


def forget_caller(visitor: Visitor) -> None:
    """The next look-up asks the database: something about this session has changed."""
    _recent.forget(visitor)


def forget_all_callers() -> None:
    _recent.clear()


def enter_event(event: CheckedEvent, caller: Caller) -> None:
    """From here to the end of the task the handler acts for this caller."""
    _event.set(event)
    set_caller(caller)


def current_event() -> CheckedEvent:
    """Raises: Unauthenticated when no gate was passed."""
    event = _event.get()
    if event is None:
        raise Unauthenticated
    return event
