"""The page of an example, the Examples tab of an agent, and the studio's list of what its publisher has kept."""

from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import reflex as rx

from agent_platform.core.errors import NotFound
from agent_platform.core.policy import current_caller, policy
from agent_platform.services.examples import MOST_EXAMPLES, MOST_LINE, MOST_TITLE
from agent_platform.state import _examples as examples
from agent_platform.state.session import Session
from agent_platform.views.examples import ExampleRowView, ExampleView
from agent_platform.views.run_files import DocumentView, FileView
from agent_platform.views.run_output import OutputView, Shown

MOST_FIND = 100


class ExamplePage(Session):
    showing: str = "loading"  # loading, missing or ready
    address: str = ""  # of the page that these values belong to
    example: ExampleView = ExampleView()
    output: OutputView = OutputView()
    figure: go.Figure = go.Figure()
    document: DocumentView = DocumentView()
    files: list[FileView] = []  # of an example none is kept
    find: str = ""
    _asked: Shown = Shown()
    _page: int = 1
    _pages: int = 1

    @rx.event
    @policy("public")
    async def open(self) -> None:
        """The example of the address, for whoever looks at it."""
        path = self.router.url.path.rstrip("/")
        if not self._is_back or self.address != path:
            self.address, self.showing = path, "loading"
            self.find, self._asked, self._page = "", Shown(), 1
        await self._look()

    @rx.event
    @policy("public", rate="search")
    async def choose_shape(self, shape: str) -> None:
        self._page = 1
        await self._look(shape=str(shape)[:60])

    @rx.event
    @policy("public", rate="search")
    async def sort_by(self, column: str) -> None:
        """Ascending, descending, as stored: one step with each press."""
        again = self._asked.sort == column
        ends = again and self._asked.descending
        await self._look(sort="" if ends else str(column)[:200], descending=again and not ends)

    @rx.event
    @policy("public", rate="search")
    async def find_rows(self, words: str) -> None:
        self.find = str(words)[:MOST_FIND]
        await self._look(find=self.find.strip())

    @rx.event
    @policy("public", rate="search")
    async def previous_page(self) -> None:
        await self._turn(-1)

    @rx.event
    @policy("public", rate="search")
    async def next_page(self) -> None:
        await self._turn(1)

    async def _turn(self, step: int) -> None:
        self._page = min(max(1, self._page + step), self._pages)
        await self._look()

    async def _look(self, **changed: Any) -> None:
        """The page shows the example with the changed way of looking; one that is gone is missing from now on."""
        self._asked = replace(self._asked, **changed)
        asked = {"wanted": examples.Wanted.at(self.address), "asked": self._asked, "page": self._page}
        try:
            sight = await self.in_public(examples.read_example, **asked, zone=current_caller().time_zone)
        except NotFound:
            self.showing = "missing"
            return
        self._pages, self.showing = sight.seen.pages, "ready"
        for name in ("output", "document", "figure"):
            if (value := getattr(sight.seen, name)) is not None:  # each assignment travels whole
                setattr(self, name, value)
        if self.example != sight.view:
            self.example = sight.view


class ExamplesTab(Session):
    """Of an agent's page."""

    showing: str = "loading"
    rows: list[ExampleRowView] = []

    @rx.event
    @policy("public")
    async def open(self) -> None:
        self.showing = "loading"
        parts = self.router.url.path.strip("/").split("/")
        publisher, slug = (parts[1], parts[2]) if len(parts) == 3 else ("", "")
        self.rows = await self.in_public(examples.read_rows, publisher=publisher, slug=slug)
        self.showing = "ready"


class StudioExamples(Session):
    """Of an agent's page in the studio."""

    rows: list[ExampleRowView] = []
    count: str = ""
    chosen: str = ""  # id of the example that is being renamed or removed
    title: str = ""
    line: str = ""
    renaming: bool = False
    removing: bool = False

    @rx.event
    @policy("admin", feature="build")
    async def open(self) -> None:
        if not self._is_back:
            self.renaming = self.removing = False
        await self._load()

    @rx.event
    @policy("admin", feature="build")
    async def ask_rename(self, example: str) -> None:
        """The form holds the present words."""
        found = next((one for one in self.rows if one.id == example), ExampleRowView("", "", "", "", ""))
        self.chosen, self.title, self.line, self.renaming = found.id, found.title, found.line, bool(found.id)

    @rx.event
    @policy("admin", feature="build")
    async def set_renaming(self, shown: bool) -> None:
        self.renaming = shown

    @rx.event
    @policy("admin", feature="build")
    async def write_title(self, value: str) -> None:
        self.title = value[:MOST_TITLE]

    @rx.event
    @policy("admin", feature="build")
    async def write_line(self, value: str) -> None:
        self.line = value[:MOST_LINE]

    @rx.event
    @policy("admin", feature="build", rate="write")
    async def rename(self) -> None:
        await self.in_tenant(examples.rename_example, example=self.chosen, title=self.title, line=self.line)
        self.renaming = False
        await self.say("Saved", note="Everybody reads it within seconds.")
        await self._load()

    @rx.event
    @policy("admin", feature="build")
    async def ask_remove(self, example: str) -> None:
        self.chosen, self.removing = example, True

    @rx.event
    @policy("admin", feature="build")
    async def set_removing(self, shown: bool) -> None:
        self.removing = shown

    @rx.event
    @policy("admin", feature="build", rate="write")
    async def remove(self):
        self.removing = False
        yield  # shut before it may be refused
        await self.in_tenant(examples.remove_example, example=self.chosen)
        await self.say("Removed", note="Nobody reads it any more within seconds.")
        await self._load()

    async def _load(self) -> None:
        slug = self.router.url.path.rstrip("/").rpartition("/")[2]
        self.rows = await self.in_tenant(examples.read_own, slug=slug)
        self.count = f"{len(self.rows)} of {MOST_EXAMPLES}"
