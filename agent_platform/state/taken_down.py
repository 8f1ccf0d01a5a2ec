"""Reviews that were taken down, on the page of reviewers, and the dialog that puts one back."""

import reflex as rx

from agent_platform.core.policy import REVIEWERS, policy
from agent_platform.state import _reports as reports
from agent_platform.state._way_back import WayBack
from agent_platform.state.session import Session
from agent_platform.views.reports import TakenDownView


class TakenDownReviews(WayBack, Session):
    reviews: list[TakenDownView] = []
    chosen: TakenDownView = TakenDownView()

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def open(self) -> None:
        if not self._is_back:
            self._shut()
        self.reviews = await self.in_tenant(reports.read_taken_down)

    @rx.event
    @policy("viewer", platform=REVIEWERS, rate="write")
    async def put_back(self) -> None:
        await self.in_tenant(reports.put_back, review=self.chosen.id, reason=self.reason)
        self._shut()
        await self.say("Put back", note="Everybody reads it within seconds, and the rating counts it.")
        self.reviews = await self.in_tenant(reports.read_taken_down)

    def _put_away(self) -> list[TakenDownView]:
        return self.reviews
