"""The page of one run: it follows the run while somebody looks, and sends only what the open tab shows."""

import asyncio
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import reflex as rx

from agent_platform.core import live
from agent_platform.core.policy import policy
from agent_platform.services import runs
from agent_platform.state._again import Again
from agent_platform.state._questions import Questions
from agent_platform.state._run import NEWEST, Looking, RunSight, find_terms, see_run
from agent_platform.state._save_example import SaveExample
from agent_platform.state.session import Session, in_tenant_of, snapshot
from agent_platform.views.parts import FactView, LogLine, TimelineBar
from agent_platform.views.run import RunHead, RunStrip
from agent_platform.views.run_costs import CostsView
from agent_platform.views.run_failure import TroubleView
from agent_platform.views.run_files import DocumentView, FileView
from agent_platform.views.run_network import NetworkView
from agent_platform.views.run_output import OutputView, Shown
from agent_platform.views.run_questions import QuestionView
from agent_platform.views.run_timeline import HappeningView

TABS = ("output", "log", "timeline", "costs", "network", "input", "details")
LEVELS = ("all", "warn", "error")
PAUSE_SECONDS = 0.25
LONG_PAUSE_SECONDS = 0.75  # a long list or chart travels whole each time
MOST_FIND = 100


class RunPage(Again, Questions, SaveExample, Session):
    showing: str = "loading"  # loading, failed, missing or ready
    address: str = ""  # of the page that these values belong to
    tab: str = "output"
    head: RunHead = RunHead()
    strip: RunStrip = RunStrip()
    trouble: TroubleView = TroubleView()
    rows: str = ""
    bars: list[TimelineBar] = []
    total: str = ""
    promises: list[str] = []
    output: OutputView = OutputView()
    figure: go.Figure = go.Figure()
    document: DocumentView = DocumentView()
    files: list[FileView] = []
    lines: list[LogLine] = []
    happenings: list[HappeningView] = []
    costs: CostsView = CostsView()
    details: list[FactView] = []
    network: NetworkView = NetworkView()
    input: list[FactView] = []
    input_json: str = ""
    rows_find: str = ""
    log_find: str = ""
    log_level: str = "all"
    stop_shown: bool = False
    _looking: Looking | None = None
    _asked_tab: str = ""
    _opening: bool = False
    _pages: int = 1
    _turn: int = 0

    @rx.event
    @policy("viewer")
    async def open(self):
        """The run of the address is shown as it is now, then followed. After a lost connection it stays as it was looked at."""
        path, tab = self.router.url.path.rstrip("/"), self.router.url.query_parameters.get("tab", "")
        if (path, tab, self.showing) != (self.address, self._asked_tab, "ready"):
            self._forget(path, tab)
        self._opening = True
        yield
        terms = await self.in_tenant(find_terms, shown_id=path.rpartition("/")[2])
        if terms is None:
            self.showing, self._opening = "missing", False
            return
        self.promises, self.input, self.input_json = terms.promises, terms.input, terms.input_json
        looking = self._looking or Looking(terms.run_id, self.tab, page=1 if terms.final else NEWEST)
        self._looking = replace(looking, history=terms.history)
        await self._look()
        self.showing, self._opening = "ready", False
        yield RunPage.follow

    @rx.event
    @policy("public")
    async def note_failure(self) -> None:
        """Put it behind `open`: what `open` could not finish has failed, and its delta was lost with it.

        It tells nothing, so it is open to all: else whoever `open` refuses would read the refusal twice.
        """
        if self._opening or self.showing == "loading":
            self.showing = "failed"

    @rx.event(background=True)
    @policy("viewer")
    async def follow(self) -> None:
        """The page moves with the run until it has ended, somebody leaves or the session is gone."""
        event = snapshot()
        async with self:
            if self._looking is None:
                return
            self._turn += 1
            turn, run_id = self._turn, self._looking.run_id
        async for _ in live.nudges(f"run:{run_id}", at_most_every=PAUSE_SECONDS):
            async with self:
                looking = self._looking
            if looking is None:
                return
            sight = await in_tenant_of(event, see_run, looking=looking)
            async with self:
                if self._turn != turn:
                    return  # a newer follow has taken over
                if self._looking == looking:  # else somebody has turned the page meanwhile
                    self._show(sight)
            if sight.final:
                return
            slowly = looking.tab == "log" or sight.figure is not None
            await asyncio.sleep(LONG_PAUSE_SECONDS if slowly else 0)

    @rx.event
    @policy("viewer")
    async def choose_tab(self, tab: str) -> None:
        self.tab = tab if tab in TABS else "output"
        await self._look(tab=self.tab)

    @rx.event
    @policy("viewer")
    async def choose_shape(self, shape: str) -> None:
        await self._arrange(shape=str(shape)[:60])

    @rx.event
    @policy("viewer")
    async def sort_by(self, column: str) -> None:
        """Ascending, descending, as stored: one step with each press."""
        now = self._shown()
        if now.sort != column:
            await self._arrange(sort=str(column)[:200], descending=False)
        elif not now.descending:
            await self._arrange(descending=True)
        else:
            await self._arrange(sort="", descending=False)

    @rx.event
    @policy("viewer")
    async def find_rows(self, words: str) -> None:
        self.rows_find = words[:MOST_FIND]
        await self._arrange(find=self.rows_find.strip())

    @rx.event
    @policy("viewer")
    async def previous_page(self) -> None:
        await self._turn_page(-1)

    @rx.event
    @policy("viewer")
    async def next_page(self) -> None:
        await self._turn_page(1)

    @rx.event
    @policy("viewer")
    async def find_log(self, words: str) -> None:
        self.log_find = words[:MOST_FIND]
        await self._look(log_find=self.log_find.strip())

    @rx.event
    @policy("viewer")
    async def choose_level(self, level: str) -> None:
        self.log_level = level if level in LEVELS else "all"
        await self._look(log_level=self.log_level)

    @rx.event
    @policy("member")
    async def ask_stop(self) -> None:
        self.stop_shown = True

    @rx.event
    @policy("viewer")
    async def set_stop_shown(self, shown: bool) -> None:
        self.stop_shown = shown

    @rx.event
    @policy("member", rate="write")
    async def stop(self):
        """The run is being stopped; the page goes on following it."""
        self.stop_shown = False
        yield  # shut before it may be refused
        if self._looking is not None:
            await self.in_tenant(runs.cancel, run_id=self._looking.run_id)
            await self._look()

    def _forget(self, path: str, tab: str) -> None:
        """Nothing of another run is left; a follow of it ends."""
        self.address, self._asked_tab, self._turn = path, tab, self._turn + 1
        self._looking = None
        self.showing, self.tab, self.log_level = "loading", tab if tab in TABS else "output", "all"
        self.head = RunHead()
        self.rows_find = self.log_find = ""
        self.stop_shown = self.again_shown = False
        self._offer = None
        self._forget_example()
        self.lines, self.files, self.output = [], [], OutputView()
        self._ask(QuestionView(), {})
        self.question, self.answers, self.network = QuestionView(), [], NetworkView()
        self.figure, self.document = go.Figure(), DocumentView()

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
        if self._looking is None:
            return
        self._looking = replace(self._looking, **changed, log_bytes=-1, document_sha="")
        self._show(await self.in_tenant(see_run, looking=self._looking))

    def _show(self, sight: RunSight) -> None:
        """Only what has changed is assigned: each assignment travels whole."""
        if self._looking is not None:
            self._looking = replace(
                self._looking, page=sight.page, log_bytes=sight.log_bytes, document_sha=sight.document_sha
            )
            self._pages = sight.pages
        self._ask(sight.question, sight.form)
        for name in SHOWN:
            value = getattr(sight, name)
            if value is not None and value != getattr(self, name):
                setattr(self, name, value)


SHOWN = (
    *("head", "strip", "trouble", "bars", "total", "rows", "output", "files", "figure", "document", "lines"),
    *("happenings", "costs", "details", "network", "question", "answers", "example"),
)
