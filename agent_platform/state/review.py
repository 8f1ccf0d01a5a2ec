"""The review queue, and one submission with its decision. On the operator's host, for platform roles."""

import reflex as rx

from agent_platform.core.policy import REVIEWERS, policy
from agent_platform.state import _review as review
from agent_platform.state.session import Session
from agent_platform.views.review import RequestRowView, SubmissionView

MOST_NOTE = 2_000


class ReviewQueue(Session):
    showing: str = "loading"
    requests: list[RequestRowView] = []

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def open(self) -> None:
        self.requests = await self.in_tenant(review.read_queue)
        self.showing = "ready" if self.requests else "empty"


class ReviewPage(Session):
    showing: str = "loading"
    submission: SubmissionView = SubmissionView()
    note: str = ""

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def open(self) -> None:
        request = self.router.url.path.rstrip("/").rpartition("/")[2]
        if not self._is_back or self.submission.id != request:
            self.showing, self.note, self.submission = "loading", "", SubmissionView()
        self.submission = await self.in_tenant(review.read_submission, request=request)
        self.showing = "ready"

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def write_note(self, value: str) -> None:
        self.note = value[:MOST_NOTE]

    @rx.event
    @policy("viewer", platform=REVIEWERS, rate="write")
    async def decide(self, decision: str):
        """The creator has the answer; the queue opens again."""
        given = {"request": self.submission.id, "decision": decision, "note": self.note}
        await self.in_tenant(review.decide, **given)
        await self.say("Decided", note="An approved version is in the directory within seconds.")
        return rx.redirect("/ops/review")
