"""The runner that lets the edges call functions of a platform session without opening one themselves."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from agent_platform.core.db.platform import PlatformSession, platform_session

P = ParamSpec("P")
R = TypeVar("R")
DOMAINS = "agent_platform.services."


def in_platform(function: Callable[Concatenate[PlatformSession, P], R], /, *arguments: P.args, **named: P.kwargs) -> R:
    """What `function` returned, its transaction committed. Raises TypeError for a function of any other package: rules stay in the domains."""
    module: Any = getattr(function, "__module__", "")
    if not module.startswith(DOMAINS):
        raise TypeError(f"{module} may not reach across workspaces; write the query in its domain.")
    with platform_session() as session:
        return function(session, *arguments, **named)
