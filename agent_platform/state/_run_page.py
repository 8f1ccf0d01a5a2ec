"""What the page of a run and the page of a demo have in common: a run as it is looked at, and the controls of its output."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import reflex as rx

from agent_platform.core import live
from agent_platform.core.policy import Requirement, policy
from agent_platform.state._run import NEWEST, Looking, RunSight, RunTerms
from agent_platform.views.parts import FactView, LogLine, TimelineBar
from agent_platform.views.run import RunHead, RunStrip
from agent_platform.views.run_failure import TroubleView
from agent_platform.views.run_files import DocumentView, FileView
from agent_platform.views.run_output import OutputView, Shown

Sees = Callable[[Looking], Awaitable[RunSight]]
SHOWN = ("head", "strip", "trouble", "bars", "total", "rows", "output", "files", "figure", "document", "lines")
MOST_FIND = 100
MOST_SHAPE = 60
MOST_COLUMN = 200


class RunShown(rx.State, mixin=True):
    """A run as it is looked at. The page says how it is read: `_see` for its handlers, `_watch` for its `follow`."""

    showing: str = "loading"  # loading, missing or ready
    address: str = ""  # of the page that these values belong to
    tab: str = "output"
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
    _looking: Looking | None = None
    _pages: int = 1
    _turn: int = 0

    async def _see(self, looking: Looking) -> RunSight:
        raise NotImplementedError

    def _watch(self) -> Sees:
        """As `_see`, for as long as this page is followed."""
        raise NotImplementedError

    def _forget(self, path: str, tab: str = "output") -> None:
        """Nothing of another run is left; a follow of it ends."""
        self.address, self.tab, self._turn, self._looking = path, tab, self._turn + 1, None
        self.showing, self.rows_find, self.rows = "loading", "", ""
        self.head, self.strip, self.trouble, self.bars = RunHead(), RunStrip(), TroubleView(), []
        self.lines, self.files, self.output = [], [], OutputView()
        self.figure, self.document, self.input, self.input_json = go.Figure(), DocumentView(), [], ""

    async def _begin(self, terms: RunTerms) -> None:
        """A run is shown from its first row, a live one at its newest; one that was looked at already as it was looked at."""
        self.input, self.input_json = terms.input, terms.input_json
        looking = self._looking or Looking(terms.run_id, self.tab, page=1 if terms.final else NEWEST)
        self._looking = replace(looking, history=terms.history)
        await self._look()

    async def _follow(self, *, pause_seconds: float, long_pause_seconds: float = 0) -> None:
        """In a background task: the page has moved with the run until it ended, somebody left or a newer follow took over.

        A long list or chart travels whole each time, so the long pause comes after one. Raises: what `_watch` raises.
        """
        async with self:
            if self._looking is None:
                return
            self._turn += 1
            turn, run_id, see = self._turn, self._looking.run_id, self._watch()
        async for _ in live.nudges(f"run:{run_id}", at_most_every=pause_seconds):
            async with self:
                looking = self._looking
                if looking is None or self._turn != turn:
                    return
            sight = await see(looking)
            async with self:
                if self._turn != turn:
                    return
                if self._looking == looking:  # else somebody has turned the page meanwhile
                    self._show(sight)
            if sight.final:
                return
            slowly = looking.tab == "log" or sight.figure is not None
            await asyncio.sleep(long_pause_seconds if slowly else 0)

    def _shown(self) -> Shown:
        return self._looking.shown if self._looking else Shown()

    async def _arrange(self, **changed: Any) -> None:
        await self._look(shown=replace(self._shown(), **changed))

    async def _turn_page(self, step: int) -> None:
        if self._looking is not None:
            page = (self._looking.page or self._pages) + step
            past_last = page > self._pages and not self.head.finished
            await self._look(page=NEWEST if past_last else min(max(1, page), self._pages))

    async def _look(self, **changed: Any) -> None:
        """The page shows the run as it is now, with the changed way of looking."""
        if self._looking is not None:
            self._looking = replace(self._looking, **changed, log_bytes=-1, document_sha="")
            self._show(await self._see(self._looking))

    def _show(self, sight: RunSight) -> None:
        if self._looking is not None:
            self._looking = replace(
                self._looking, page=sight.page, log_bytes=sight.log_bytes, document_sha=sight.document_sha
            )
            self._pages = sight.pages
        self._assign(sight, SHOWN)

    def _assign(self, sight: RunSight, names: Iterable[str]) -> None:
        """Only what has changed is assigned: each assignment travels whole."""
        for name in names:
            value = getattr(sight, name)
            if value is not None and value != getattr(self, name):
                setattr(self, name, value)


def run_controls(who: Requirement, *, tabs: tuple[str, ...]) -> type[rx.State]:
    """For a page that is `RunShown`: its tabs and the controls of its output, which `who` may use."""

    class RunControls(rx.State, mixin=True):
        @rx.event
        @policy(who)
        async def choose_tab(self, tab: str) -> None:
            self.tab = tab if tab in tabs else "output"
            await self._look(tab=self.tab)

        @rx.event
        @policy(who)
        async def choose_shape(self, shape: str) -> None:
            await self._arrange(shape=str(shape)[:MOST_SHAPE])

        @rx.event
        @policy(who)
        async def sort_by(self, column: str) -> None:
            """Ascending, descending, as stored: one step with each press."""
            await self._arrange(**next_order(self._shown(), str(column)[:MOST_COLUMN]))

        @rx.event
        @policy(who)
        async def find_rows(self, words: str) -> None:
            self.rows_find = words[:MOST_FIND]
            await self._arrange(find=self.rows_find.strip())

        @rx.event
        @policy(who)
        async def previous_page(self) -> None:
            await self._turn_page(-1)

        @rx.event
        @policy(who)
        async def next_page(self) -> None:
            await self._turn_page(1)

    return RunControls


def next_order(now: Shown, column: str) -> dict[str, Any]:
    if now.sort != column:
        return {"sort": column, "descending": False}
    return {"sort": "" if now.descending else column, "descending": not now.descending}
