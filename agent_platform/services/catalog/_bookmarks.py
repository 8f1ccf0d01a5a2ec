"""Agents that a person has saved. They lie behind the person's own fence, so the list is the same on every host."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict, NotFound
from agent_platform.models.bookmarks import Bookmark
from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._filters import Filters, conditions

MOST_SAVED = 500


def save_agent(session: TenantSession, *, listing_id: UUID) -> None:
    """The session is the person's own. Saving twice is saving once. Raises: NotFound, Conflict for a full list."""
    if session.execute(select(col(Listing.id)).where(*conditions(Filters(among=(listing_id,))))).first() is None:
        raise NotFound(
            "Only agents that the directory lists can be saved, and this is none of them now. Nothing was saved."
        )
    saved = saved_agents(session)
    if listing_id not in saved and len(saved) >= MOST_SAVED:
        raise Conflict(f"You have saved {MOST_SAVED} agents, the most one person may. Take one away first.")
    session.execute(insert(Bookmark).values(**_mine(session), listing_id=listing_id).on_conflict_do_nothing())


def forget_agent(session: TenantSession, *, listing_id: UUID) -> None:
    """The agent is not saved, also if it never was."""
    session.execute(delete(Bookmark).where(*_own(session), col(Bookmark.listing_id) == listing_id))


def saved_agents(session: TenantSession) -> tuple[UUID, ...]:
    """The newest first; withdrawn ones among them are shown by no list."""
    query = select(col(Bookmark.listing_id)).where(*_own(session)).order_by(col(Bookmark.saved_at).desc())
    return tuple(session.execute(query).scalars())


def is_saved(session: TenantSession, *, listing_id: UUID) -> bool:
    query = select(func.count()).select_from(Bookmark).where(*_own(session), col(Bookmark.listing_id) == listing_id)
    return session.execute(query).scalar_one() > 0


def _mine(session: TenantSession) -> dict[str, UUID]:
    return {"tenant_id": session.tenant_id, "user_id": session.tenant_id}


def _own(session: TenantSession) -> tuple:
    return col(Bookmark.tenant_id) == session.tenant_id, col(Bookmark.user_id) == session.tenant_id
