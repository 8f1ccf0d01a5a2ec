"""A publisher's page."""

from datetime import UTC, datetime

import reflex as rx

from agent_platform.core.db.tenant import PublicSession
from agent_platform.core.errors import NotFound
from agent_platform.core.policy import policy
from agent_platform.services import catalog
from agent_platform.state.session import Session
from agent_platform.views.publisher import PublisherView, publisher_view

LONGEST_CURSOR = 400


class PublisherState(Session):
    address: str = ""  # of the page that these values belong to
    showing: str = "loading"
    page: PublisherView = PublisherView()

    @rx.event
    @policy("public")
    async def open(self) -> None:
        path = self.router.url.path.rstrip("/")
        if not self._is_back or self.address != path:
            self.address, self.showing = path, "loading"
        cursor = self.router.url.query_parameters.get("after", "")[:LONGEST_CURSOR]
        try:
            self.page, _ = await self.in_public(read_publisher, handle=self._handle(), cursor=cursor)
        except NotFound:
            self.showing = "missing"
            return
        self.showing = "ready"

    def _handle(self) -> str:
        parts = self.router.url.path.strip("/").split("/")
        return parts[1] if len(parts) == 2 else ""


def read_publisher(
    session: PublicSession, *, handle: str, cursor: str = ""
) -> tuple[PublisherView, catalog.PublisherFacts]:
    """What everybody may read of a publisher, and what it was made from. Raises: NotFound."""
    facts = catalog.get_publisher(session, handle=handle)
    page = catalog.agents_of_publisher(session, handle=handle, cursor=cursor or None)
    return publisher_view(facts, page, now=datetime.now(UTC), cursor=cursor), facts
