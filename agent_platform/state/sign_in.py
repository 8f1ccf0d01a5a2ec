"""The sign-in page: which doors are open, what went wrong, where the way leads. The doors are routes of `api`."""

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.core.settings import get_settings
from agent_platform.services import identity
from agent_platform.state.callers import current_event
from agent_platform.state.session import Session
from agent_platform.views.sign_in import SignInView, door_view, sign_in_view


class SignInState(Session):
    showing: str = "loading"
    view: SignInView = SignInView()
    email: str = ""

    @rx.event
    @policy("public")
    async def open(self) -> None:
        """On a workspace's host nobody signs in: the browser goes to the auth host, unless a problem is to be read first."""
        query = self.router.url.query_parameters
        settings, host = get_settings(), current_event().visitor.host
        workspace = identity.slug_of_host(host, settings)
        if workspace:
            self.view = door_view(query, workspace, host=host)
            self.showing = "door"
            if not self.view.problem:
                await self.leave_for(self.view.away)
            return
        self.view = sign_in_view(query, identity.sign_in_doors(settings), base_netloc=settings.base_netloc)
        self.showing = "sent" if self.view.sent else "form"
