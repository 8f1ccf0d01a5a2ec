"""Running a run again: asked first, beside today's quote; the same input, under a cap that may be changed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx
from reflex.event import EventSpec

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import shown
from agent_platform.core.policy import policy
from agent_platform.services import billing, catalog, runs
from agent_platform.views.quotes import QuoteView, cap_text, quote_of_dry_run, quote_of_wrong_cap, quote_view, read_cap


@dataclass(frozen=True)
class Offer:
    """What the same input would cost today; `terms` are the arguments of `billing.quote`."""

    run_id: UUID
    terms: dict[str, Any]
    version: str
    old_cap_micro_usd: int
    least_cap_micro_usd: int
    is_dry_run: bool

    def at(self, cap_micro_usd: int) -> QuoteView:
        if self.is_dry_run:
            return quote_of_dry_run()
        return quote_view(billing.quote(**self.terms, cap_micro_usd=cap_micro_usd), version=self.version)


class Again(rx.State, mixin=True):
    """For the page of a run."""

    again_shown: bool = False
    quote: QuoteView = QuoteView()
    cap: str = ""
    cap_fault: str = ""
    _offer: Offer | None = None
    _above_micro_usd: int = 0

    @rx.event
    @policy("member")
    async def ask_again(self) -> None:
        """The question is open, with the quote for the old cap; nothing is started."""
        await self._ask_again()

    @rx.event
    @policy("member")
    async def ask_higher_cap(self) -> None:
        """The same, with twice the cap that was too small; the old one is refused."""
        await self._ask_again(higher=True)

    @rx.event
    @policy("viewer")
    async def set_again_shown(self, shown: bool) -> None:
        self.again_shown = shown

    @rx.event
    @policy("member")
    async def write_cap(self, text: str) -> None:
        self.cap = text[:20]
        self._requote()

    @rx.event(temporal=True)
    @policy("member", rate="start_run")
    async def run_again(self) -> AsyncIterator[EventSpec | None]:
        """The new run is accepted and its page opens; a double click is one run."""
        if self._offer is None or self.cap_fault:
            return
        self.again_shown = False
        yield  # shut before it may be refused
        page: Any = self
        again = await page.start_once(runs.rerun, run_id=self._offer.run_id, cap_micro_usd=read_cap(self.cap))
        yield rx.redirect(f"/runs/{shown('run', again.id)}")

    async def _ask_again(self, *, higher: bool = False) -> None:
        page: Any = self
        if page._looking is None:  # noqa: SLF001  # of the same page
            return
        offer: Offer = await page.in_tenant(offer_of, run_id=page._looking.run_id)  # noqa: SLF001
        self._offer = offer
        self._above_micro_usd = offer.old_cap_micro_usd if higher else 0
        wanted = 2 * offer.old_cap_micro_usd if higher else offer.old_cap_micro_usd
        self.cap = cap_text(max(wanted, offer.least_cap_micro_usd))
        self._requote()
        self.again_shown = True

    def _requote(self) -> None:
        """The quote belongs to the cap as it is typed; a cap that cannot be used has none."""
        if self._offer is None:
            return
        try:
            cap = read_cap(
                self.cap, least_micro_usd=self._offer.least_cap_micro_usd, above_micro_usd=self._above_micro_usd
            )
        except ValueError as error:
            self.cap_fault, self.quote = str(error), quote_of_wrong_cap()
            return
        self.cap_fault, self.quote = "", self._offer.at(cap)


def offer_of(session: TenantSession, *, run_id: UUID) -> Offer:
    """Raises: NotFound, AgentNotRunnable."""
    run = runs.get_run(session, run_id=run_id)
    publisher, _, slug = run.agent_ref.partition("/")
    found = catalog.find_runnable(session, publisher=publisher, slug=slug)
    resources = found.manifest.resources
    terms = {
        "price": found.price,
        "history": found.history,
        "memory_mb": resources.memory_mb,
        "timeout_seconds": resources.timeout_seconds,
    }
    return Offer(run_id, terms, found.version, run.cap_micro_usd, billing.smallest_cap(found.price), run.is_dry_run)
