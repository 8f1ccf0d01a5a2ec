"""Search in the documents: the words are in the address."""

import asyncio

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.state.session import Session
from agent_platform.views.docs_search import MOST_QUERY, DocsSearchView, search_documents, search_path


class DocsState(Session):
    q: str = ""
    showing: str = "list"  # list, found or none
    search_view: DocsSearchView = DocsSearchView()

    @rx.event
    @policy("public", rate="search")
    async def open(self) -> None:
        q = str(self.router.url.query_parameters.get("q", ""))[:MOST_QUERY]
        found = await asyncio.to_thread(search_documents, q)
        if q != self.q.strip():
            self.q = q  # what was typed comes back by the address, without the blank after the last word
        self.search_view = found
        self.showing = "list" if not found.found else "found" if found.hits else "none"

    @rx.event
    @policy("public", rate="search")
    async def search(self, words: str):
        self.q = words[:MOST_QUERY]
        asked = self.q.strip()
        return rx.redirect(search_path(asked) if asked else "/docs", replace=True)
