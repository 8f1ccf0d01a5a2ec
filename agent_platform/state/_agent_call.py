"""The run that a form holds, as a program would start it."""

from dataclasses import replace
from typing import Any

from agent_platform.core.policy import Caller, current_caller
from agent_platform.core.settings import get_settings
from agent_platform.state._agent import AgentPage
from agent_platform.views.calls import CallView, call_view
from agent_platform.views.quotes import read_cap

UNREADABLE = "The JSON on the Run tab cannot be read, so there is no input here. Correct it there first."


def call_of(page: AgentPage, values: dict[str, Any] | None, *, cap: str, dry_run: bool, key_link: str) -> CallView:
    """At the address where this person's keys work; `values` is None for an input that cannot be read."""
    call = call_view(
        base=_base(current_caller()),
        address=f"{page.view.publisher}/{page.view.slug}",
        schema=page.schema,
        values=values or {},
        options={**_cap(cap), **({"dry_run": True} if dry_run else {})},
        own=page.view.own,
        key_link=key_link,
    )
    return replace(call, placeholders=UNREADABLE) if values is None else call


def _base(caller: Caller) -> str:
    """The workspace's own; on one machine that of all, because programs find no names beneath localhost."""
    settings = get_settings()
    if caller.role is None or caller.tenant_slug is None or settings.on_loopback:
        return settings.base_url
    return settings.tenant_url(caller.tenant_slug)


def _cap(text: str) -> dict[str, int]:
    """A cap that cannot be read is left to the agent's usual one."""
    try:
        cap = read_cap(text)
    except ValueError:
        return {}
    return {"max_micro_usd": cap} if cap else {}
