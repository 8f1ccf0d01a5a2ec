"""Reports: the dialog that sends one, the queue of reviewers, one report with its decision."""

import reflex as rx

from agent_platform.core.policy import REVIEWERS, current_caller, policy
from agent_platform.services import catalog
from agent_platform.state import _reports as reports
from agent_platform.state._way_back import WayBack
from agent_platform.state.session import Session
from agent_platform.views.reports import KINDS, ReportRowView, ReportView, SuspendedView


class ReportDialog(Session):
    """`about` is the address of an agent, `review` the id of a review of it, or empty for the agent itself."""

    shown: bool = False
    about: str = ""
    review: str = ""
    kind: str = KINDS[0][0]
    text: str = ""

    @rx.event
    @policy("signed_in")
    async def ask(self, about: str, review: str) -> None:
        self.shown, self.about, self.review = True, about, review
        self.kind, self.text = KINDS[0][0], ""

    @rx.event
    @policy("signed_in")
    async def show(self, shown: bool) -> None:
        self.shown = shown

    @rx.event
    @policy("signed_in")
    async def choose_kind(self, value: str) -> None:
        self.kind = value

    @rx.event
    @policy("signed_in")
    async def write(self, value: str) -> None:
        self.text = value[: catalog.MOST_REASON]

    @rx.event
    @policy("signed_in", rate="write")
    async def send(self) -> None:
        """Reviewers have it; the dialog is shut only then, so that nothing typed is lost."""
        said = {"address": self.about, "review": self.review, "kind": self.kind, "text": self.text}
        await self.in_public(reports.file_report, **said, caller=current_caller())
        self.shown = False
        await self.say("Reported", note="Whoever reviews this installation reads it.")


class ReportQueue(WayBack, Session):
    """Open reports and suspended agents, beneath the submissions on the same page."""

    showing: str = "loading"
    reports: list[ReportRowView] = []
    suspended: list[SuspendedView] = []
    chosen: SuspendedView = SuspendedView()
    address: str = ""
    why: str = ""  # the agent at this address is to be suspended

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def open(self) -> None:
        if not self._is_back:
            self.address = self.why = ""
            self._shut()
        await self._read()

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def write_address(self, value: str) -> None:
        self.address = value[:200]

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def write_why(self, value: str) -> None:
        self.why = value[: catalog.MOST_REASON]

    @rx.event
    @policy("viewer", platform=REVIEWERS, rate="write")
    async def suspend(self) -> None:
        await self.in_tenant(reports.suspend, address=self.address, reason=self.why)
        await self.say("Suspended", note="It starts no new run from now on.")
        self.address = self.why = ""
        await self._read()

    @rx.event
    @policy("viewer", platform=REVIEWERS, rate="write")
    async def lift(self) -> None:
        await self.in_tenant(reports.lift, listing=self.chosen.id, reason=self.reason)
        self._shut()
        await self.say("Lifted", note="It runs again, and is back in the directory within seconds.")
        await self._read()

    def _put_away(self) -> list[SuspendedView]:
        return self.suspended

    async def _read(self) -> None:
        self.reports = await self.in_tenant(reports.read_reports)
        self.suspended = await self.in_tenant(reports.read_suspended)
        self.showing = "ready" if self.reports else "empty"


class ReportPage(Session):
    showing: str = "loading"
    report: ReportView = ReportView()
    note: str = ""

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def open(self) -> None:
        report = self.router.url.path.rstrip("/").rpartition("/")[2]
        if not self._is_back or self.report.id != report:
            self.showing, self.note, self.report = "loading", "", ReportView()
        self.report = await self.in_tenant(reports.read_report, report=report)
        self.showing = "ready"

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def write_note(self, value: str) -> None:
        self.note = value[: catalog.MOST_REASON]

    @rx.event
    @policy("viewer", platform=REVIEWERS, rate="write")
    async def decide(self, answer: str):
        """The report is closed with words; the queue opens again."""
        given = {"report": self.report.id, "answer": answer, "note": self.note}
        await self.in_tenant(reports.decide_report, **given)
        await self.say("Decided")
        return rx.redirect("/ops/review")
