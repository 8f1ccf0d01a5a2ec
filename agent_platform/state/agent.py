"""An agent's page: facts for everybody, a form and Run for members."""

import time
from typing import Any
from urllib.parse import quote

import reflex as rx

from agent_platform.core.errors import AppError, NotFound
from agent_platform.core.policy import current_caller, policy
from agent_platform.services import billing, catalog
from agent_platform.services.runs import RunInputInvalid
from agent_platform.state._agent import AgentPage, read_for_member, read_for_visitor, read_suspended, start_run
from agent_platform.state._agent_call import call_of
from agent_platform.state._agent_input import MOST_JSON, AgentInput
from agent_platform.state._demo import begin_demo
from agent_platform.state._examples import fill_form
from agent_platform.state.examples import ExamplesTab
from agent_platform.state.reviews import ReviewsState
from agent_platform.state.session import Session
from agent_platform.views.agent import AgentView
from agent_platform.views.calls import CallView
from agent_platform.views.demo import MOST_CHARACTERS
from agent_platform.views.examples import FilledView
from agent_platform.views.parts import FactView
from agent_platform.views.pricing import UNITS, costs_of, read_units
from agent_platform.views.quotes import QuoteView, cap_text, quote_of_wrong_cap, quote_view, read_cap
from agent_platform.views.reports import SuspendedView

TABS = ("overview", "run", "examples", "pricing", "api", "reviews", "changelog")
LANGUAGES = ("curl", "python", "javascript")
NOT_STARTED = "Nothing was started"
SECOND_CLICK_SECONDS = 10.0  # a click that comes again within them means the same demo
LATER = {"examples": ExamplesTab.open, "reviews": ReviewsState.open}  # tabs that are read when they are opened
RENEWED = {"examples": ExamplesTab.open, "reviews": ReviewsState.renew}


class AgentState(AgentInput, Session):
    address: str = ""  # of the page that these values belong to
    showing: str = "loading"
    tab: str = "run"
    agent: AgentView = AgentView()
    suspended: SuspendedView = SuspendedView()
    quote: QuoteView = QuoteView()
    cap: str = ""
    cap_error: str = ""
    units: str = ""
    units_error: str = ""
    costs: list[FactView] = []  # of so many units
    accepted: bool = False
    dry_run: bool = False
    starting: bool = False
    run_link: str = ""
    not_allowed: str = ""
    examples: str = ""  # how many there are
    filled: FilledView = FilledView()
    demo_note: str = ""  # what a demo is, where this visitor may begin one
    demo_refusal: str = ""
    call: CallView = CallView()
    language: str = "curl"
    comes_back: bool = False  # the form holds what it started last
    _example: str = ""
    _begun_with: dict[str, Any] = {}
    _started: tuple[str, str] = ("", "")  # page and example of the form that started a run last
    _demo: tuple[dict[str, Any], str, float] | None = None  # input, path and time of the last one

    @rx.event
    @policy("public")
    async def open(self):
        """The page of the address, for whoever looks at it; its form begins anew, except after the run that it started or a lost connection."""
        stays = self._is_back and (self.address, self.showing) == (self.loaded, "ready")
        return await self._open(stays=stays)

    @rx.event
    @policy("public")
    async def choose_tab(self, value: str):
        self.tab = value if value in TABS else "run"
        self._recall()
        return LATER.get(self.tab)

    @rx.event
    @policy("public")
    async def choose_language(self, value: str) -> None:
        self.language = value if value in LANGUAGES else "curl"

    @rx.event
    @policy("public")
    async def begin_anew(self) -> None:
        """The form holds what it held before the run that it started."""
        self._begin_anew()
        self._take_cap(self.cap)

    @rx.event
    @policy("public")
    async def write_cap(self, value: str) -> None:
        self._take_cap(value)

    @rx.event
    @policy("public")
    async def accept(self) -> None:
        self.accepted = not self.accepted

    @rx.event
    @policy("member", rate="write")
    async def accept_newest(self):
        """Runs here use the version that waited for a yes; the page shows it."""
        if self._page:
            asked = {"publisher": self._page.view.publisher, "slug": self._page.view.slug}
            await self.in_tenant(catalog.accept_newest, **asked)
            await self.say("Accepted", note=f"Runs here use {self._page.view.waiting} from now on.")
        return await self._open()

    @rx.event
    @policy("public")
    async def count_units(self, value: str) -> None:
        self._count(value)

    @rx.event
    @policy("public")
    async def choose_dry_run(self) -> None:
        self.dry_run = not self.dry_run

    @rx.event(temporal=True)
    @policy("member", rate="start_run")
    async def start(self):
        """The run is accepted and its page opens; wrong fields are marked and nothing is charged.

        Pressed without a connection it starts nothing, then or later: by the time there is one the form may hold something else.
        """
        page = self._page
        if page is None:
            return None
        given, fault = self._given()
        if given is None or self.cap_error:
            await self.say(NOT_STARTED, note=fault or self.cap_error, level="error")
            return None
        try:
            path = await self.start_once(start_run, **self._asked(page, given))
        except RunInputInvalid as error:  # not raised: what is marked would reach the browser only with the next event
            self._mark(error.errors)
            await self.say(NOT_STARTED, note=error.sentence, level="error")
            return None
        self._keep_for_the_way_back()
        return rx.redirect(path)

    @rx.event(temporal=True)
    @policy("public", rate="demo")
    async def try_demo(self):
        """The demo of what the form holds is accepted and its page opens; what keeps it from that is said above the form."""
        self.demo_refusal = ""
        page = self._page
        if page is None:
            return None
        given, fault = self._given()
        if given is None:
            self.demo_refusal, self.tab = fault, "run"
            return None
        if self._demo and self._demo[0] == given and time.time() - self._demo[2] < SECOND_CLICK_SECONDS:
            return rx.redirect(self._demo[1])
        try:
            path = await begin_demo(publisher=page.view.publisher, slug=page.view.slug, given=given)
        except AppError as error:
            self.demo_refusal, self.tab = error.sentence, "run"
            self._mark(error.errors)
            return None
        self._demo = (given, path, time.time())
        self._keep_for_the_way_back()
        return rx.redirect(path)

    async def _open(self, *, stays: bool = False) -> Any:
        """`stays`: what was typed and chosen here, unless the agent asks for other input by now."""
        publisher, slug = self._address()
        before, self.starting = self._page, False
        if not stays:
            self._forget()
        try:
            self._page = await self._read(publisher, slug)
        except (NotFound, catalog.AgentSuspended):
            self.suspended = await self.in_public(read_suspended, publisher=publisher, slug=slug)
            self.showing = "suspended" if self.suspended.name else "missing"
            return None
        self.agent, self.not_allowed = self._page.view, self._page.not_allowed
        is_same = before is not None and before.schema == self._page.schema
        self.accepted = self.accepted and before is not None and before.version == self._page.version
        example = self.router.url.query_parameters.get("example", "")
        asked = {"publisher": publisher, "slug": slug, "example": example, "schema": self._page.schema}
        form = await self.in_public(fill_form, **asked)
        self.filled, self.examples = form.view, form.number
        self._example, self._begun_with = example, form.values
        if self._started == (self.address, example) and is_same:
            self.comes_back = True
            self._draw(self.fields)
        elif not stays or not is_same:
            self._begin_anew()
        self._count(self.units if stays else str(UNITS))
        kept = f"&example={example}" if self.filled.title else ""
        self.run_link = self._way_in(quote(f"/agents/{publisher}/{slug}?tab=run{kept}", safe="/?="))
        is_visitor = current_caller().user_id is None
        self.demo_note = self._page.demo_note if is_visitor else ""
        self.most_characters = MOST_CHARACTERS if is_visitor else MOST_JSON
        self._take_cap(self.cap)
        self._recall()
        self.showing = "ready"
        return (RENEWED if stays else LATER).get(self.tab)

    def _forget(self) -> None:
        """Nothing of another page is left, but for the form, which may have started a run."""
        self.address, self.showing, self.accepted = self.router.url.path.rstrip("/"), "loading", False
        self.demo_note, self.demo_refusal, self._demo = "", "", None
        wanted = self.router.url.query_parameters.get("tab", "run")
        self.tab = wanted if wanted in TABS else "run"

    def _count(self, units: str) -> None:
        self.units, self.units_error = units, ""
        try:
            self.costs = costs_of(self._page.price, read_units(units)) if self._page else []
        except ValueError as error:
            self.units_error, self.costs = str(error), []

    def _begin_anew(self) -> None:
        assert self._page is not None
        self._begin_form(self._begun_with)
        self.cap, self.dry_run = cap_text(self._page.default_cap_micro_usd), False
        self._started, self.comes_back = ("", ""), False

    def _keep_for_the_way_back(self) -> None:
        self._started = (self.address, self._example)

    def _asked(self, page: AgentPage, values: dict[str, Any]) -> dict[str, Any]:
        """What the form asks for, wherever the browser is by now."""
        return {
            "publisher": page.view.publisher,
            "slug": page.view.slug,
            "input": values,
            "cap_micro_usd": read_cap(self.cap),
            "accept_permissions": self.accepted,
            "dry_run": self.dry_run,
        }

    async def _read(self, publisher: str, slug: str) -> AgentPage:
        if current_caller().role is not None:
            return await self.in_tenant(read_for_member, publisher=publisher, slug=slug, role=current_caller().role)
        return await self.in_public(read_for_visitor, publisher=publisher, slug=slug)

    def _take_cap(self, text: str) -> None:
        """The quote belongs to the cap as it is typed; a cap that cannot be used has none."""
        self.cap, self.cap_error = text, ""
        try:
            read_cap(text, least_micro_usd=billing.smallest_cap(self._page.price) if self._page else 0)
            self._requote()
        except ValueError as error:
            self.cap_error, self.quote = str(error), quote_of_wrong_cap()

    def _requote(self) -> None:
        page = self._page
        if page is None or page.price["model"] not in {"free", "own", "per_run", "per_event"}:
            self.quote = QuoteView(sentence="This price model cannot be charged here yet.")
            return
        quoted = billing.quote(
            page.price,
            history=page.history,
            memory_mb=page.memory_mb,
            timeout_seconds=page.timeout_seconds,
            cap_micro_usd=read_cap(self.cap),
        )
        self.quote = quote_view(quoted, version=page.version)

    def _recall(self) -> None:
        """The API tab shows the run that is on screen in the form or its JSON now."""
        if self._page and self.tab == "api":
            key_link = self._way_in("/settings/keys") or "/settings/keys"
            self.call = call_of(self._page, self._held(), cap=self.cap, dry_run=self.dry_run, key_link=key_link)

    def _way_in(self, path: str) -> str:
        """Where Run leads for somebody who is not in a workspace: to one of theirs, or to sign in."""
        caller = current_caller()
        if caller.role is not None:
            return ""
        if caller.user_id is None:
            return f"/sign-in?next={path}"
        first = next(iter(self.shell.workspaces), None)
        return f"/auth/switch?to={first.slug}&next={path}" if first else "/sign-in"

    def _address(self) -> tuple[str, str]:
        parts = self.router.url.path.strip("/").split("/")
        return (parts[1], parts[2]) if len(parts) == 3 else ("", "")
