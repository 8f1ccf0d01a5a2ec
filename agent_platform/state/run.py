"""The page of one run: it follows the run while somebody looks, and sends only what the open tab shows."""

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.services import runs
from agent_platform.state._again import Again
from agent_platform.state._questions import Questions
from agent_platform.state._run import Looking, RunSight, find_terms, see_run
from agent_platform.state._run_page import MOST_FIND, RunShown, Sees, run_controls
from agent_platform.state._save_example import SaveExample
from agent_platform.state.session import Session, in_tenant_of, snapshot
from agent_platform.views.parts import FactView
from agent_platform.views.run_costs import CostsView
from agent_platform.views.run_network import NetworkView
from agent_platform.views.run_questions import QuestionView
from agent_platform.views.run_timeline import HappeningView

TABS = ("output", "log", "timeline", "costs", "network", "input", "details")
LEVELS = ("all", "warn", "error")
PAUSE_SECONDS = 0.25
LONG_PAUSE_SECONDS = 0.75
# Besides what any page of a run shows.
SHOWN = ("happenings", "costs", "details", "network", "question", "answers", "example")


class RunPage(Again, Questions, SaveExample, RunShown, run_controls("viewer", tabs=TABS), Session):
    promises: list[str] = []
    happenings: list[HappeningView] = []
    costs: CostsView = CostsView()
    details: list[FactView] = []
    network: NetworkView = NetworkView()
    log_find: str = ""
    log_level: str = "all"
    stop_shown: bool = False
    _asked_tab: str = ""

    @rx.event
    @policy("viewer")
    async def open(self):
        """The run of the address is shown as it is now, then followed. After a lost connection it stays as it was looked at."""
        path, tab = self.router.url.path.rstrip("/"), self.router.url.query_parameters.get("tab", "")
        if not self._is_back:
            self.stop_shown = self.again_shown = self.example_shown = False
        stays = self._is_back or tab == self._asked_tab
        if not stays or (path, self.showing) != (self.address, "ready"):
            self._forget(path, tab)
        yield
        terms = await self.in_tenant(find_terms, shown_id=path.rpartition("/")[2])
        if terms is None:
            self.showing = "missing"
            return
        self.promises = terms.promises
        await self._begin(terms)
        self.showing = "ready"
        yield RunPage.follow

    @rx.event(background=True)
    @policy("viewer")
    async def follow(self) -> None:
        """The page moves with the run until it has ended, somebody leaves or the session is gone."""
        await self._follow(pause_seconds=PAUSE_SECONDS, long_pause_seconds=LONG_PAUSE_SECONDS)

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

    def _forget(self, path: str, tab: str = "output") -> None:
        super()._forget(path, tab if tab in TABS else "output")
        self._asked_tab, self.log_find, self.log_level = tab, "", "all"
        self.stop_shown = self.again_shown = False
        self._offer = None
        self._forget_example()
        self._ask(QuestionView(), {})
        self.question, self.answers, self.network = QuestionView(), [], NetworkView()

    async def _see(self, looking: Looking) -> RunSight:
        return await self.in_tenant(see_run, looking=looking)

    def _watch(self) -> Sees:
        event = snapshot()
        return lambda looking: in_tenant_of(event, see_run, looking=looking)

    def _show(self, sight: RunSight) -> None:
        super()._show(sight)
        self._ask(sight.question, sight.form)
        self._assign(sight, SHOWN)
