"""Which agents a visitor without an account may try."""

from sqlalchemy import select
from sqlmodel import Session, col

from agent_platform.models.catalogue import Listing, ListingState
from agent_platform.models.trust import Suspension
from agent_platform.services.agents import Manifest
from agent_platform.services.catalog._facts import ListingCard
from agent_platform.services.catalog._filters import Filters, conditions

OUTSIDE = ("network", "connections", "models", "agents")


def allows_demo(manifest: Manifest) -> bool:
    """Its creator says so, and it asks for nothing outside its sandbox; what was checked when it was built is checked again."""
    return manifest.demo and not any(manifest.permissions[one] for one in OUTSIDE)


def find_demo_listing(session: Session) -> ListingCard | None:
    """The agent that the first page offers to visitors: of those that may be tried the most used one. None if there is none."""
    found = session.execute(
        select(Listing)
        .where(
            *conditions(Filters(real=True)),
            col(Listing.demo).is_(True),
            col(Listing.state) == ListingState.PUBLISHED.value,
            ~select(Suspension).where(col(Suspension.subject_id) == Listing.id).exists(),
        )
        .order_by(col(Listing.runs_30d).desc(), col(Listing.id).desc())
        .limit(1)
    ).scalar_one_or_none()
    return ListingCard.of(found) if found else None
