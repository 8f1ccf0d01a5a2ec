"""What the frame shows, read in one go."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.policy import REVIEWERS, Caller
from agent_platform.core.settings import get_settings
from agent_platform.services import billing, catalog, identity, runs, tenancy
from agent_platform.views.format import MONTHS, date_text, money_short
from agent_platform.views.people import avatar_path, initials
from agent_platform.views.shell import LOOKS_ON, ShellView, WorkspaceLink
from agent_platform.views.storefront import logo_path

WARN_SHARE = 0.8
SIGN_IN = "/sign-in"
# First parts of paths that are the same on every host.
OUTSIDE = frozenset(
    {"", "sign-in", "start", "docs", "quality", "changelog", "status", "contact", "terms", "privacy", "cookies"}
)


def shell_of(caller: Caller, path: str = "/") -> ShellView:
    """Sync: call it in a thread. Outside a workspace the links to one lead to the same `path` there."""
    outbox_open = identity.is_outbox_open(get_settings())
    if caller.user_id is None:
        return ShellView(dev_sign_in=outbox_open, sign_in=_sign_in(path))
    workspaces = tenancy.in_platform(tenancy.list_workspaces, user_id=caller.user_id)
    person: dict[str, Any] = {
        "initials": initials(caller.user_name),
        "picture": avatar_path(caller.user_id, caller.avatar_key),
        "user_name": caller.user_name,
        "color_mode": caller.color_mode,
        "leaving": _leaving(caller),
        "role": caller.role or "",
        "looks_on": LOOKS_ON if caller.role == "viewer" else "",
        "workspaces": [_link(workspace, caller, path) for workspace in workspaces],
        "dev_sign_in": outbox_open,
        "signed_in": True,
        "is_stranger": caller.tenant_slug is not None and caller.role is None,
    }
    if caller.tenant_id is None or caller.role is None:
        return ShellView(**person)
    with tenant_session(caller.tenant_id) as session:
        reviews = bool(set(REVIEWERS) & set(caller.platform_roles)) and tenancy.get_workspace(session).is_operator
        return ShellView(**person, **_month(session), reviews=reviews)


def choose_colours(caller: Caller, color_mode: str) -> None:
    """Sync: call it in a thread. Raises: InputInvalid."""
    identity.in_platform(identity.choose_colours, user_id=caller.user_id, color_mode=color_mode)


def keep_account(caller: Caller) -> None:
    """Sync: call it in a thread."""
    identity.in_platform(identity.keep_account, user_id=caller.user_id)


def _leaving(caller: Caller) -> str:
    return date_text(caller.delete_at, datetime.now(UTC), ZoneInfo(caller.time_zone)) if caller.delete_at else ""


def _month(session: TenantSession) -> dict[str, Any]:
    workspace = tenancy.get_workspace(session)
    month = billing.month(session)
    share = month.spent_share
    now = datetime.now(UTC).astimezone(ZoneInfo(workspace.time_zone))
    return {
        "workspace_name": workspace.name,
        "workspace_slug": workspace.slug,
        "logo": logo_path(catalog.find_logo(session)),
        "plan": workspace.plan.capitalize(),
        "asking": runs.count_pending(session),
        "running": sum(runs.count_open(session)),
        "month_label": MONTHS[now.month - 1],
        "spent": money_short(month.spent_micro_usd),
        "cap_label": money_short(month.whole_micro_usd),
        "cap_note": f"{money_short(month.balance.free_micro_usd)} left",
        "spent_share": f"{share * 100:.1f}%",
        "meter_level": "full" if share >= 1 else "warn" if share >= WARN_SHARE else "normal" if share else "none",
    }


def _sign_in(path: str) -> str:
    back = {} if path in {"/", SIGN_IN} else {"next": path}
    return f"{SIGN_IN}?{urlencode(back, safe='/')}" if back else SIGN_IN


def _link(workspace: tenancy.WorkspaceFacts, caller: Caller, path: str) -> WorkspaceLink:
    current = workspace.id == caller.tenant_id
    onward = {"to": workspace.slug} | ({"next": path} if caller.tenant_id is None and _is_inside(path) else {})
    href = "/overview" if current else f"/auth/switch?{urlencode(onward, safe='/')}"
    return WorkspaceLink(workspace.name, workspace.slug, href, workspace.name[:1].upper(), current)


def _is_inside(path: str) -> bool:
    """Whether a workspace has this page too."""
    return path.partition("/")[2].partition("/")[0] not in OUTSIDE
