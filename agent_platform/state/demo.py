"""The page of a demo: a run's page for the visitor who has its key, and nobody else."""

import asyncio
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import reflex as rx

from agent_platform.core import live
from agent_platform.core.policy import current_caller, policy
from agent_platform.services.visitors import DemoGone
from agent_platform.state._demo import read_demo, see_demo
from agent_platform.state._run import NEWEST, Looking, RunSight
from agent_platform.state.session import Session
from agent_platform.views.demo import DemoView
from agent_platform.views.parts import FactView, LogLine, TimelineBar
from agent_platform.views.run import RunHead, RunStrip
from agent_platform.views.run_failure import TroubleView
from agent_platform.views.run_files import DocumentView, FileView
from agent_platform.views.run_output import OutputView, Shown

TABS = ("output", "log", "input")
PAUSE_SECONDS = 0.5
MOST_FIND = 100
MOST_KEY = 100
SHOWN = ("head", "strip", "trouble", "bars", "total", "rows", "output", "files", "figure", "document", "lines")


class DemoPage(Session):
    showing: str = "loading"  # loading, failed, missing or ready
    address: str = ""  # of the page that these values belong to
    tab: str = "output"
    demo: DemoView = DemoView()
    way_on: str = ""  # to the same agent with an account
    head: RunHead = RunHead()
    strip: RunStrip = RunStrip()
    trouble: TroubleView = TroubleView()
    rows: str = ""
    bars: list[TimelineBar] = []
    total: str = ""
    output: OutputView = OutputView()
    figure: go.Figure = go.Figure()
    document: DocumentView = DocumentView()
    files: list[FileView] = []
    lines: list[LogLine] = []
    input: list[FactView] = []
    input_json: str = ""
    rows_find: str = ""
    _key: str = ""
    _looking: Looking | None = None
    _opening: bool = False
    _pages: int = 1
    _turn: int = 0

    @rx.event
    @policy("public", rate="search")
    async def open(self):
        """The demo of the address is shown as it is now, then followed."""
        path = self.router.url.path.rstrip("/")
        if (path, self.showing) != (self.address, "ready"):
            self._forget(path)
        self._opening = True
        yield
        try:
            terms = await asyncio.to_thread(read_demo, self._key)
            self.demo, self.input, self.input_json = terms.view, terms.run.input, terms.run.input_json
            looking = self._looking or Looking(terms.run.run_id, self.tab, page=1 if terms.run.final else NEWEST)
            self._looking = replace(looking, history=terms.run.history)
            await self._look()
        except DemoGone:
            self.showing, self._opening, self._looking = "missing", False, None
            return
        self.way_on = self._way_on(self.head.agent_href)
        self.showing, self._opening = "ready", False
        yield DemoPage.follow

    @rx.event
    @policy("public")
    async def note_failure(self) -> None:
        """Put it behind `open`: what `open` could not finish has failed, and its delta was lost with it."""
        if self._opening or self.showing == "loading":
            self.showing = "failed"

    @rx.event(background=True)
    @policy("public")
    async def follow(self) -> None:
        """The page moves with the run until it has ended, somebody leaves, or the demo is deleted."""
        async with self:
            if self._looking is None:
                return
            self._turn += 1
            turn, key, run_id = self._turn, self._key, self._looking.run_id
        async for _ in live.nudges(f"run:{run_id}", at_most_every=PAUSE_SECONDS):
            async with self:
                looking = self._looking
                if looking is None or self._turn != turn:
                    return
            try:
                sight = await asyncio.to_thread(see_demo, key, looking)
            except DemoGone:
                return
            async with self:
                if self._turn != turn:
                    return  # a newer follow has taken over
                if self._looking == looking:  # else somebody has turned the page meanwhile
                    self._show(sight)
            if sight.final:
                return

    @rx.event
    @policy("public")
    async def choose_tab(self, tab: str) -> None:
        self.tab = tab if tab in TABS else "output"
        await self._look(tab=self.tab)

    @rx.event
    @policy("public")
    async def choose_shape(self, shape: str) -> None:
        await self._arrange(shape=str(shape)[:60])

    @rx.event
    @policy("public")
    async def sort_by(self, column: str) -> None:
        """Ascending, descending, as stored: one step with each press."""
        now = self._looking.shown if self._looking else Shown()
        if now.sort != column:
            await self._arrange(sort=str(column)[:200], descending=False)
        elif not now.descending:
            await self._arrange(descending=True)
        else:
            await self._arrange(sort="", descending=False)

    @rx.event
    @policy("public")
    async def find_rows(self, words: str) -> None:
        self.rows_find = words[:MOST_FIND]
        await self._arrange(find=self.rows_find.strip())

    @rx.event
    @policy("public")
    async def previous_page(self) -> None:
        await self._turn_page(-1)

    @rx.event
    @policy("public")
    async def next_page(self) -> None:
        await self._turn_page(1)

    def _forget(self, path: str) -> None:
        """Nothing of another demo is left; a follow of it ends."""
        self.address, self._turn, self._looking = path, self._turn + 1, None
        self._key = path.rpartition("/")[2][:MOST_KEY]
        self.showing, self.tab, self.rows_find, self.demo = "loading", "output", "", DemoView()
        self.head, self.strip, self.trouble = RunHead(), RunStrip(), TroubleView()
        self.lines, self.files, self.output, self.bars, self.rows = [], [], OutputView(), [], ""
        self.figure, self.document, self.input, self.input_json = go.Figure(), DocumentView(), [], ""

    def _way_on(self, agent_href: str) -> str:
        """To a workspace of one's own with this agent, or to an account: what comes next leads back here within the hour."""
        if current_caller().user_id is None:
            return f"/sign-in?next={self.address}"
        first = next(iter(self.shell.workspaces), None)
        return f"/auth/switch?to={first.slug}&next={agent_href}" if first else "/start"

    async def _arrange(self, **changed: Any) -> None:
        if self._looking is not None:
            await self._look(shown=replace(self._looking.shown, **changed))

    async def _turn_page(self, step: int) -> None:
        if self._looking is not None:
            page = (self._looking.page or self._pages) + step
            past_last = page > self._pages and not self.head.finished
            await self._look(page=NEWEST if past_last else min(max(1, page), self._pages))

    async def _look(self, **changed: Any) -> None:
        """The page shows the demo as it is now, with the changed way of looking. Raises: DemoGone."""
        if self._looking is not None:
            self._looking = replace(self._looking, **changed, log_bytes=-1, document_sha="")
            self._show(await asyncio.to_thread(see_demo, self._key, self._looking))

    def _show(self, sight: RunSight) -> None:
        """Only what has changed is assigned: each assignment travels whole."""
        if self._looking is not None:
            self._looking = replace(
                self._looking, page=sight.page, log_bytes=sight.log_bytes, document_sha=sight.document_sha
            )
            self._pages = sight.pages
        for name in SHOWN:
            value = getattr(sight, name)
            if value is not None and value != getattr(self, name):
                setattr(self, name, value)
