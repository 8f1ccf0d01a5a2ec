"""The Reviews tab of an agent's page."""

from uuid import UUID

import reflex as rx

from agent_platform.core import live
from agent_platform.core.policy import current_caller, policy
from agent_platform.services import catalog
from agent_platform.state import _reviews as reviews
from agent_platform.state.session import Session
from agent_platform.views.reviews import ReviewsView, StandingView

AFTER_THEIRS = "Read it in the list below. An admin may publish over it."
ROUNDS = 5  # of two seconds at most: what was saved is copied within one


class ReviewsState(Session):
    showing: str = "loading"
    reviews: ReviewsView = ReviewsView()
    standing: StandingView = StandingView()
    writing: bool = False
    deleting: bool = False  # asked whether it is meant
    stars: int = 0
    text: str = ""
    replying: str = ""  # id of the review that is being answered
    reply: str = ""
    _limit: int = catalog.FIRST_SHOWN
    _listing_id: UUID | None = None
    _review_id: UUID | None = None  # the workspace's own, as this person has it before them

    @rx.event
    @policy("public")
    async def open(self) -> None:
        """The reviews of the agent of this address, and what this person may say."""
        self.showing, self.writing, self.deleting, self.replying = "loading", False, False, ""
        self._limit = catalog.FIRST_SHOWN
        self._listing_id = await self.in_public(reviews.find_listing, **self._agent())
        await self._read()
        await self._stand()
        self.showing = "ready"

    @rx.event
    @policy("public")
    async def renew(self):
        """The reviews as they are now; what is being written stays."""
        if self.showing == "loading":
            return ReviewsState.open
        await self._read()
        return None

    @rx.event
    @policy("public", rate="search")
    async def show_more(self) -> None:
        self._limit += catalog.FIRST_SHOWN
        await self._read()

    @rx.event
    @policy("member")
    async def write(self, shown: bool) -> None:
        self.writing = shown

    @rx.event
    @policy("member")
    async def choose_stars(self, stars: int) -> None:
        self.stars = stars

    @rx.event
    @policy("member")
    async def write_text(self, value: str) -> None:
        self.text = value[: catalog.MOST_TEXT]

    @rx.event
    @policy("member", rate="write")
    async def save(self):
        """The workspace's review says this; the list follows as soon as it is public. What was typed stays where a colleague was first."""
        said = {"stars": self.stars, "text": self.text, "changes": self._review_id}
        try:
            await self.in_tenant(reviews.write_review, listing_id=self._listing_id, **said)
        except catalog.ReviewOvertaken as overtaken:
            await self._stand(keep_words=True)
            await self.say("Not saved", note=f"{overtaken.sentence} {AFTER_THEIRS}", level="error")
            return ReviewsState.catch_up
        await self.say("Saved", note="Everybody reads it within seconds.")
        self.writing = False
        await self._stand()
        return ReviewsState.catch_up

    @rx.event
    @policy("member")
    async def ask_delete(self, shown: bool) -> None:
        self.deleting = shown

    @rx.event
    @policy("member", rate="write")
    async def delete(self):
        """The workspace has no review of this agent any more, and may write another one."""
        self.deleting = self.writing = False
        if self._review_id is not None:
            await self.in_tenant(catalog.delete_review, review_id=self._review_id)
            await self.say("Deleted", note="It is gone from the directory within seconds.")
        await self._stand()
        return ReviewsState.catch_up

    @rx.event
    @policy("admin", feature="build")
    async def answer(self, review: str) -> None:
        """The field holds what was replied before; no review closes it."""
        self.replying = review
        self.reply = next((one.answer for one in self.reviews.reviews if one.id == review), "")

    @rx.event
    @policy("admin", feature="build")
    async def write_reply(self, value: str) -> None:
        self.reply = value[: catalog.MOST_TEXT]

    @rx.event
    @policy("admin", feature="build", rate="write")
    async def send_reply(self):
        await self.in_tenant(reviews.reply_to_review, review=self.replying, text=self.reply)
        await self.say("Replied", note="Everybody reads it within seconds.")
        self.replying = ""
        return ReviewsState.catch_up

    @rx.event(background=True)
    @policy("viewer", rate="write")
    async def catch_up(self) -> None:
        """The list is read again until it has changed."""
        async with self:
            before, rounds = self.reviews, 0
        async for _ in live.nudges(f"reviews:{self._listing_id}"):
            async with self:
                await self._read()
                rounds += 1
                if self.reviews != before or rounds > ROUNDS:
                    return

    async def _read(self) -> None:
        self.reviews = await self.in_public(reviews.read_reviews, **self._agent(), limit=self._limit)

    async def _stand(self, *, keep_words: bool = False) -> None:
        """Nothing may be said by whoever is in no workspace, and of an agent that is not in the directory."""
        mine = reviews.Mine(StandingView(), 0, "")
        if current_caller().role is not None and self._listing_id is not None:
            mine = await self.in_tenant(reviews.read_standing, listing_id=self._listing_id)
        self.standing, self._review_id = mine.view, mine.review_id
        if not keep_words:
            self.stars, self.text = mine.stars, mine.text

    def _agent(self) -> dict[str, str]:
        parts = self.router.url.path.strip("/").split("/")
        publisher, slug = (parts[1], parts[2]) if len(parts) == 3 else ("", "")
        return {"publisher": publisher, "slug": slug}
