"""The first page: figures, collections and a worked example, all from the directory."""

import reflex as rx

from agent_platform.core.db.tenant import PublicSession
from agent_platform.core.policy import policy
from agent_platform.core.settings import get_settings
from agent_platform.services import catalog, identity, visitors
from agent_platform.state.callers import current_event
from agent_platform.state.session import Session
from agent_platform.views.landing import PRICED, LandingView, cards_of, landing_view
from agent_platform.views.parts import AgentCardView

MOST_TRIED = 3


class LandingState(Session):
    showing: str = "loading"
    landing: LandingView = LandingView()
    collection: str = ""
    cards: list[AgentCardView] = []

    @rx.event
    @policy("public")
    async def open(self) -> None:
        """On a workspace's host there is no landing page: a full load of `/` shows its storefront, or leads to its overview."""
        if identity.slug_of_host(current_event().visitor.host, get_settings()):
            await self.leave_for("/")
            return
        self.landing, found = await self.in_public(read_landing)
        self._show(found, self.collection)

    @rx.event
    @policy("public", rate="search")
    async def choose(self, key: str) -> None:
        self._show(await self.in_public(catalog.collections), key)

    def _show(self, found: list[catalog.Collection], key: str) -> None:
        keys = [one.key for one in found]
        self.collection = key if key in keys else next(iter(keys), "")
        self.cards = cards_of(found, self.collection)
        self.showing = "ready" if self.cards else "empty"


def read_landing(session: PublicSession) -> tuple[LandingView, list[catalog.Collection]]:
    """What the first page shows, and its collections."""
    found = catalog.collections(session)
    demo = catalog.find_demo_listing(session) if visitors.are_on(session) else None
    return landing_view(catalog.totals(session), found, _example(session), demo), found


def _example(session: PublicSession) -> catalog.ListingFacts | None:
    """The most used agent whose whole price is in its events."""
    filters = catalog.Filters(price_models=PRICED, real=True)
    priced = catalog.search(session, filters=filters, sort="used", size=MOST_TRIED)
    for card in sorted(priced.listings, key=lambda card: PRICED.index(card.price_model)):
        listing = catalog.get_listing(session, publisher=card.publisher, slug=card.slug)
        if listing.manifest.price.get("costs") == "included":
            return listing
    return None
