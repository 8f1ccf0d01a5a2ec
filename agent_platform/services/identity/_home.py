"""Where a person goes on who has signed in without a place in mind."""

from uuid import UUID

from sqlmodel import col, select

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.settings import get_settings
from agent_platform.models.identity import UserSession
from agent_platform.services import tenancy
from agent_platform.services.identity._rules import slug_of_host


def home_of(session: PlatformSession, *, user_id: UUID) -> str:
    """The address of the workspace the person was in last, else of their own or first one; empty for somebody without any."""
    slugs = [one.slug for one in tenancy.list_workspaces(session, user_id=user_id)]
    seen = session.exec(
        select(UserSession.host)
        .where(UserSession.user_id == user_id)
        .order_by(col(UserSession.last_seen_at).desc(), col(UserSession.created_at).desc())
    ).all()
    visited = (slug_of_host(host, get_settings()) for host in seen)
    return next((slug for slug in [*visited, *slugs] if slug in slugs), "")
