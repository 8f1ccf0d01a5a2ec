"""Reviews that were taken down, on the page of reviewers, and the dialog that puts one back."""

import reflex as rx

from agent_platform.core.policy import REVIEWERS, policy
from agent_platform.services import catalog
from agent_platform.state import _reports as reports
from agent_platform.state.session import Session
from agent_platform.views.reports import TakenDownView


class TakenDownReviews(Session):
    reviews: list[TakenDownView] = []
    chosen: TakenDownView = TakenDownView()
    asking: bool = False
    reason: str = ""

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def open(self) -> None:
        self.asking, self.reason = False, ""
        self.reviews = await self.in_tenant(reports.read_taken_down)

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def ask(self, review: str) -> None:
        self.chosen = next((one for one in self.reviews if one.id == review), TakenDownView())
        self.asking, self.reason = True, ""

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def show(self, shown: bool) -> None:
        self.asking = shown

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def write_reason(self, value: str) -> None:
        self.reason = value[: catalog.MOST_REASON]

    @rx.event
    @policy("viewer", platform=REVIEWERS, rate="write")
    async def put_back(self) -> None:
        await self.in_tenant(reports.put_back, review=self.chosen.id, reason=self.reason)
        self.asking, self.reason = False, ""
        await self.say("Put back", note="Everybody reads it within seconds, and the rating counts it.")
        self.reviews = await self.in_tenant(reports.read_taken_down)
