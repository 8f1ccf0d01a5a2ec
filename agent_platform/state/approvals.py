"""The list of questions that wait for somebody; each is answered on the page of its run."""

from datetime import UTC, datetime

import reflex as rx

from agent_platform.core import live
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.policy import Caller, current_caller, policy
from agent_platform.services import runs
from agent_platform.state.session import Session, in_tenant_of, snapshot
from agent_platform.views.run_questions import PendingView, pending_of

PAUSE_SECONDS = 1.0


class ApprovalsState(Session):
    showing: str = "loading"  # loading or ready
    pending: list[PendingView] = []
    _turn: int = 0

    @rx.event
    @policy("viewer")
    async def open(self):
        """The open questions of this workspace, then followed."""
        if not self._is_back:
            self.showing = "loading"
            yield
        self.pending = await self.in_tenant(read_pending)
        self.showing = "ready"
        yield ApprovalsState.follow

    @rx.event(background=True)
    @policy("viewer")
    async def follow(self) -> None:
        event, topic = snapshot(), f"usage:{current_caller().tenant_id}"
        async with self:
            self._turn += 1
            turn = self._turn
        async for _ in live.nudges(topic, idle=True, at_most_every=PAUSE_SECONDS):
            found = await in_tenant_of(event, read_pending)
            async with self:
                if self._turn != turn or "/approvals" not in self.router.url.path:
                    return
                if found != self.pending:
                    self.pending = found


def read_pending(session: TenantSession, *, caller: Caller) -> list[PendingView]:
    return pending_of(runs.list_pending(session), caller, now=datetime.now(UTC))
