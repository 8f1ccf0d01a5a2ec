"""What is fixed about a run when it is accepted, beside its price: whom it may reach, whom it may call, in whose name."""

from typing import Any
from urllib.parse import urlsplit

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.policy import Caller
from agent_platform.services import agents, catalog
from agent_platform.services.agents import HOST_FROM_INPUT

MOST_HOSTS = 200
MOST_DEPTH = 3


def terms_of(manifest: agents.Manifest, complete: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """For `Run.options`. The role is kept for child runs, which are started in the name of the same person."""
    permissions = manifest.permissions
    terms: dict[str, Any] = {
        "network": resolved_network(permissions["network"], complete),
        "agents": permissions["agents"],
    }
    if permissions["agents"]:
        terms["caller"] = {"role": caller.role, "features": list(caller.features)}
    return {name: value for name, value in terms.items() if value}


def accept_called(
    session: TenantSession, manifest: agents.Manifest, caller: Caller, *, depth: int = MOST_DEPTH
) -> None:
    """Agents of level low that this one may call, and those that they may call, are accepted as if the person had run them.

    Others must have been accepted before: a call of one that was not is refused.
    """
    for address in manifest.permissions["agents"] if depth else ():
        publisher, _, slug = address.partition("/")
        try:
            called = catalog.find_runnable(session, publisher=publisher, slug=slug)
            catalog.require_allowed(session, called)
        except (catalog.AgentNotFound, catalog.AgentNotRunnable, catalog.AgentNotAllowed):
            continue
        if called.needs_yes and called.manifest.permission_level == "low":
            catalog.require_accepted(session, called, caller=caller, accept=False)
        accept_called(session, called.manifest, caller, depth=depth - 1)


def resolved_network(rules: list[dict[str, Any]], complete: dict[str, Any]) -> list[dict[str, Any]]:
    """The rules with `${input.field}` replaced by the host of that URL, or the hosts of those URLs."""
    return [
        {"host": host, "ports": rule["ports"], "methods": rule["methods"]}
        for rule in rules
        for host in _hosts(rule["host"], complete)
    ]


def _hosts(host: str, complete: dict[str, Any]) -> list[str]:
    field = HOST_FROM_INPUT.fullmatch(host)
    if field is None:
        return [host]
    value = complete.get(field[1])
    found = [_host_of(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    return list(dict.fromkeys(host for host in found if host))[:MOST_HOSTS]


def _host_of(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
        return host.encode("idna").decode("ascii").lower().rstrip(".") if not host.isascii() else host.rstrip(".")
    except (ValueError, UnicodeError):
        return ""
