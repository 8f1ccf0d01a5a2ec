"""The directory: its whole state is its address."""

import reflex as rx

from agent_platform.core.db.tenant import PublicSession
from agent_platform.core.policy import policy
from agent_platform.services import catalog
from agent_platform.state.session import Session
from agent_platform.views.directory import Asked, DirectoryView, directory_view


class DirectoryState(Session):
    showing: str = "loading"
    q: str = ""
    sort: str = "best"
    verified: bool = False
    directory: DirectoryView = DirectoryView()
    _asked: Asked = Asked()

    @rx.event
    @policy("public")
    async def open(self) -> None:
        self._asked = Asked.of(self.router.url.query_parameters)
        self.q, self.sort, self.verified = self._asked.q, self._asked.sort, self._asked.verified
        self.directory = await self.in_public(read_directory, asked=self._asked)
        self.showing = "ready" if self.directory.cards else "empty"

    @rx.event
    @policy("public", rate="search")
    async def search(self, words: str):
        return rx.redirect(self._asked.address(q=words.strip()[:200]), replace=True)

    @rx.event
    @policy("public")
    async def choose_sort(self, value: str):
        return rx.redirect(self._asked.address(sort=value))

    @rx.event
    @policy("public")
    async def toggle(self, choice: str):
        """`choice` is `group:value`, as the options carry it."""
        group, _, value = choice.partition(":")
        if group == "verified":
            return rx.redirect(self._asked.address(verified=not self._asked.verified))
        if group not in {"category", "price", "needs", "level"}:
            return None
        return rx.redirect(self._asked.toggled(group, value))

    @rx.event
    @policy("public")
    async def clear(self):
        return rx.redirect(Asked(q=self._asked.q).address())


def read_directory(session: PublicSession, *, asked: Asked) -> DirectoryView:
    """One page of the directory, as its address asks for it."""
    page = catalog.search(session, q=asked.q, filters=asked.filters(), sort=asked.sort, cursor=asked.cursor or None)
    return directory_view(asked, page)
