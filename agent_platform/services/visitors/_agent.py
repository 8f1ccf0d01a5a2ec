"""Which agent a visitor may try, and in which workspace."""

from uuid import UUID

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.catalogue import ListingState
from agent_platform.services import catalog, tenancy
from agent_platform.services.visitors.errors import DemoRefused


def demo_workspace() -> UUID:
    """Raises: DemoRefused."""
    tenant_id = tenancy.find_demo_workspace()
    if tenant_id is None:
        raise DemoRefused("Demos are not set up on this installation yet. Make an account to run the agent.")
    return tenant_id


def agent_to_try(session: TenantSession, *, publisher: str, slug: str) -> catalog.Runnable:
    """The listed release, whatever this workspace has run of it before. Raises: DemoRefused, AgentNotFound, AgentSuspended."""
    listing = catalog.find_listing(session, publisher=publisher, slug=slug)
    number = listing.version if listing else None
    agent = catalog.find_runnable(session, publisher=publisher, slug=slug, number=number)
    rests = listing is not None and listing.state == ListingState.DEPRECATED
    if agent.listing_id is None or rests or not catalog.allows_demo(agent.manifest):
        raise DemoRefused(f"The creator of {agent.name} offers no demo of it. Make an account to run it.")
    return agent
