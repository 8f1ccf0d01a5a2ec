"""What a person has saved, behind their own fence, wherever they are: the id is that of the session, never of the browser."""

from uuid import UUID

from agent_platform.core.db.tenant import PublicSession, TenantSession, tenant_session
from agent_platform.core.errors import Unauthenticated
from agent_platform.core.policy import Caller
from agent_platform.services import catalog


def saved_by(caller: Caller) -> tuple[UUID, ...]:
    """Nothing for visitors. Sync: call it in a thread."""
    if caller.user_id is None:
        return ()
    with _own(caller) as session:
        return catalog.saved_agents(session)


def has_saved(caller: Caller, *, listing_id: UUID) -> bool:
    """Sync: call it in a thread."""
    if caller.user_id is None:
        return False
    with _own(caller) as session:
        return catalog.is_saved(session, listing_id=listing_id)


def keep(caller: Caller, *, listing_id: UUID, wanted: bool) -> None:
    """The agent is saved, or is not. Sync: call it in a thread. Raises: Unauthenticated, NotFound, Conflict for a full list."""
    with _own(caller) as session:
        act = catalog.save_agent if wanted else catalog.forget_agent
        act(session, listing_id=listing_id)


def find_listing_id(session: PublicSession | TenantSession, *, publisher: str, slug: str) -> UUID | None:
    """None for what has no page on the base domain."""
    listing = catalog.find_listing(session, publisher=publisher, slug=slug)
    return listing.id if listing else None


def _own(caller: Caller):  # noqa: ANN202  # a context manager of a TenantSession
    if caller.user_id is None:
        raise Unauthenticated
    return tenant_session(caller.user_id)
