"""The contact page: whether there is somebody to write to. The form itself is sent by the browser."""

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.core.settings import get_settings
from agent_platform.services import contact, identity
from agent_platform.state.session import Session
from agent_platform.views.contact import ContactView


class ContactState(Session):
    showing: str = "loading"  # loading, sent, open or closed
    outbox: bool = False

    @rx.event
    @policy("public", rate="page")
    async def open(self) -> None:
        view = read_contact(dict(self.router.url.query_parameters))
        self.showing = "sent" if view.sent else "open" if view.is_open else "closed"
        self.outbox = view.outbox


def read_contact(query: dict[str, str]) -> ContactView:
    """What the address and the settings say."""
    settings = get_settings()
    is_open = contact.is_open(settings)
    return ContactView(is_open, is_open and query.get("sent") == "1", identity.is_outbox_open(settings))
