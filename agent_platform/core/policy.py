"""Who may call what: every handler and route declares one policy; the gate enforces it."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from agent_platform.core.errors import Forbidden, Unauthenticated

Requirement = Literal["public", "signed_in", "viewer", "member", "admin", "owner"]
LADDER = ("viewer", "member", "admin", "owner")
REVIEWERS = ("operator", "reviewer")  # platform roles that decide about the public directory
F = TypeVar("F", bound=Callable[..., Any])
MARK = "_ap_policy"


@dataclass(frozen=True)
class Policy:
    """`role`: the least a caller must be. `feature` (build, billing) also lets in a member who has it.

    `platform`: besides, the caller must have one of these platform roles, whatever they are in the workspace.
    """

    role: Requirement
    feature: str | None = None
    rate: str = "event"
    platform: tuple[str, ...] = ()


@dataclass(frozen=True)
class Caller:
    """Who acts, on which host's tenant, derived on the server from cookie and host. `tenant_id` is None on the base domain."""

    user_id: UUID | None
    user_name: str
    tenant_id: UUID | None
    tenant_slug: str | None
    role: str | None
    features: tuple[str, ...]
    session_id: UUID | None
    time_zone: str = "UTC"
    color_mode: str = "system"
    platform_roles: tuple[str, ...] = ()
    delete_at: datetime | None = None  # the account is to be deleted then, unless its person keeps it
    avatar_key: str | None = None


ANONYMOUS = Caller(None, "", None, None, None, (), None)
_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def policy(
    role: Requirement, *, feature: str | None = None, rate: str = "event", platform: tuple[str, ...] = ()
) -> Callable[[F], F]:
    """Marks a handler or route with who may call it. Apply it beneath `@rx.event`."""

    def mark(function: F) -> F:
        setattr(function, MARK, Policy(role, feature, rate, platform))
        return function

    return mark


def policy_of(function: Any) -> Policy | None:
    return getattr(function, MARK, None)


def set_caller(caller: Caller) -> Any:
    return _caller.set(caller)


def reset_caller(token: Any) -> None:
    _caller.reset(token)


def current_caller() -> Caller:
    """The caller the gate has put here. Raises: Unauthenticated when no gate was passed."""
    caller = _caller.get()
    if caller is None:
        raise Unauthenticated
    return caller


def known_caller() -> Caller:
    """The caller, or nobody where no gate was passed."""
    return _caller.get() or ANONYMOUS


def require(caller: Caller, wanted: Policy) -> None:
    """Returns if the caller meets the policy. Raises: Unauthenticated, Forbidden."""
    if wanted.role == "public":
        return
    if caller.user_id is None:
        raise Unauthenticated
    if wanted.platform and not set(wanted.platform) & set(caller.platform_roles):
        raise Forbidden(
            f"This belongs to whoever runs the installation: it needs the role {' or '.join(wanted.platform)}."
        )
    if wanted.role == "signed_in":
        return
    if caller.role is None:
        raise Forbidden("You are not a member of this workspace. Ask an admin for an invitation.")
    if wanted.feature and (wanted.feature in caller.features or caller.role == "owner"):
        return
    if LADDER.index(caller.role) < LADDER.index(wanted.role):
        raise Forbidden(f"This needs the role {wanted.role}; you are {caller.role}. Ask an admin of the workspace.")
