"""Which pages of the directory are public, and when what they say last changed: what a sitemap lists."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from agent_platform.core.db.tenant import PublicSession
from agent_platform.models.catalogue import Listing, Release
from agent_platform.services.catalog._filters import Filters, conditions

# When the release that is shown was published; figures change every few minutes and are no change of the page.
SHOWN_SINCE = func.coalesce(
    select(col(Release.published_at)).where(col(Release.id) == col(Listing.release_id)).scalar_subquery(),
    col(Listing.published_at),
)
LISTED = conditions(Filters(real=True))


@dataclass(frozen=True)
class AgentAddress:
    publisher: str
    slug: str
    changed_at: datetime


def list_addresses(session: PublicSession, *, skip: int, most: int) -> list[AgentAddress]:
    """Every agent that the directory shows, the oldest first: new ones come behind those that were listed before."""
    rows = session.execute(
        select(col(Listing.publisher), col(Listing.slug), SHOWN_SINCE)
        .where(*LISTED)
        .order_by(col(Listing.id))
        .offset(skip)
        .limit(most)
    )
    return [AgentAddress(*row) for row in rows]


def last_changes(session: PublicSession) -> dict[str, datetime]:
    """The newest change in each category that has an agent."""
    rows = session.execute(
        select(col(Listing.category), func.max(SHOWN_SINCE).label("changed_at"))
        .where(*LISTED)
        .group_by(col(Listing.category))
    )
    return {row.category: row.changed_at for row in rows}
