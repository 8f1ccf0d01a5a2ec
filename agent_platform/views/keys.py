"""API keys as the settings show them."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from uuid import UUID

from agent_platform.services import tenancy
from agent_platform.views.format import ago, date_text, plain_text

SCOPES = {"runs:read": "Read runs", "runs:write": "Start and stop runs"}
ENDS = {"30": "In 30 days", "90": "In 90 days", "365": "In a year", "never": "Never, until it is revoked"}


@dataclass(frozen=True)
class KeyView:
    id: str
    name: str
    prefix: str
    scopes: list[str] = field(default_factory=list)
    made: str = ""
    ends: str = ""
    used: str = ""


def chosen_scopes(*, reads: bool, writes: bool) -> list[str]:
    return [scope for scope, ticked in {"runs:read": reads, "runs:write": writes}.items() if ticked]


def days_until(ends: str) -> int | None:
    """For one of `ENDS`; None for a key that ends only by being revoked."""
    return int(ends) if ends.isdigit() else None


def key_view(key: tenancy.KeyFacts, *, user_id: UUID | None, now: datetime, zone: tzinfo) -> KeyView:
    whose = "you" if key.made_by_user_id == user_id else plain_text(key.made_by_name) or "somebody"
    return KeyView(
        id=str(key.id),
        name=plain_text(key.name),
        prefix=f"{key.prefix}\N{HORIZONTAL ELLIPSIS}",
        scopes=list(key.scopes),
        made=f"by {whose}, {date_text(key.created_at, now, zone)}",
        ends=date_text(key.expires_at, now, zone) if key.expires_at else "never",
        used=ago(key.last_used_at, now) if key.last_used_at else "not yet",
    )
