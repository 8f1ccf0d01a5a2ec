"""The directory: its whole state is its address."""

import asyncio
from uuid import UUID

import reflex as rx

from agent_platform.core.db.tenant import PublicSession
from agent_platform.core.policy import current_caller, policy
from agent_platform.services import catalog
from agent_platform.state._saved import saved_by
from agent_platform.state.session import Session
from agent_platform.views.directory import (
    COSTS,
    MOST_WORDS,
    Asked,
    DirectoryView,
    cost_at,
    cost_words,
    directory_view,
    invitation,
    with_counts,
)
from agent_platform.views.site.directory import directory_title
from agent_platform.views.site.words import DIRECTORY

UNREAD = with_counts(DirectoryView(), Asked(), None)  # every choice: the filters keep their places when agents come


class DirectoryState(Session):
    showing: str = "loading"  # loading, empty, guess or ready
    title: str = DIRECTORY.title
    q: str = ""
    sort: str = "best"
    layout: str = "grid"
    success: str = ""
    rating: str = ""
    verified: bool = False
    saved: bool = False
    cost: int = len(COSTS)  # the place of the slider; the last one is Any
    cost_words: str = "Any"
    invitation: str = invitation(0)
    directory: DirectoryView = UNREAD
    _asked: Asked = Asked()
    _facets: catalog.Facets | None = None

    @rx.event
    @policy("public")
    async def open(self):
        """Agents first; what each choice would leave is counted while they are read."""
        self._take(Asked.of(self.router.url.query_parameters))
        among = await asyncio.to_thread(saved_by, current_caller()) if self.saved else ()
        page = await self.in_public(_search, asked=self._asked, among=among)
        self.directory = directory_view(self._asked, page, self._facets)
        self.showing = "guess" if page.is_guess else "ready" if page.listings else "empty"
        yield
        self._facets = await self.in_public(_count, asked=self._asked, among=among)
        self.directory = with_counts(self.directory, self._asked, self._facets)
        self.invitation = invitation(await self.in_public(catalog.count_agents))

    @rx.event
    @policy("public", rate="search")
    async def search(self, words: str):
        self.q = words[:MOST_WORDS]
        return rx.redirect(self._asked.address(q=self.q.strip()), replace=True)

    @rx.event
    @policy("public")
    async def choose_sort(self, value: str):
        return rx.redirect(self._asked.address(sort=value))

    @rx.event
    @policy("public")
    async def choose_layout(self, value: str):
        """The same page, as a grid or a list."""
        return rx.redirect(self._asked.address(layout=value, cursor=self._asked.cursor), replace=True)

    @rx.event
    @policy("public")
    async def toggle(self, choice: str):
        """`choice` is `group:value`, as the options carry it."""
        group, _, value = choice.partition(":")
        return rx.redirect(self._asked.toggled(group, value))

    @rx.event
    @policy("public", rate="search")
    async def slide(self, place: int):
        """The typical cost of a run is at most that of this place of the slider."""
        return rx.redirect(self._asked.address(cost=cost_at(place)), replace=True)

    @rx.event
    @policy("public")
    async def clear(self):
        return rx.redirect(self._asked.cleared())

    def _take(self, asked: Asked) -> None:
        """The fields show what the address asks for."""
        self._asked, self.title = asked, directory_title(asked)
        if asked.q != self.q.strip():
            self.q = asked.q  # what was typed comes back by the address, without the blank after the last word
        self.sort, self.layout = asked.sort, asked.layout
        self.verified, self.saved = asked.verified, asked.saved
        self.success, self.rating, self.cost_words = asked.success, asked.rating, cost_words(asked.cost)
        self.cost = COSTS.index(asked.cost) if asked.cost else len(COSTS)


def read_directory(session: PublicSession, *, asked: Asked, among: tuple[UUID, ...] = ()) -> DirectoryView:
    """One page of the directory, as its address asks for it; `among` are those that the reader has saved."""
    return directory_view(asked, _search(session, asked=asked, among=among), _count(session, asked=asked, among=among))


def _search(session: PublicSession, *, asked: Asked, among: tuple[UUID, ...]) -> catalog.Page:
    filters = asked.filters(among)
    return catalog.search(session, q=asked.q, filters=filters, sort=asked.sort, cursor=asked.cursor or None)


def _count(session: PublicSession, *, asked: Asked, among: tuple[UUID, ...]) -> catalog.Facets:
    return catalog.facets(session, q=asked.q, filters=asked.filters(among))
