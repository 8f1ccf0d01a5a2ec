"""What the landing page shows: live figures, collections, and one worked example whose sums the product itself makes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agent_platform.core.money import compute_cost_micro_usd
from agent_platform.services import billing, catalog
from agent_platform.views.directory import card_view
from agent_platform.views.format import (
    MoneyView,
    count,
    duration_ms,
    many,
    money_exact,
    money_short,
    percent,
    plain_text,
)
from agent_platform.views.parts import AgentCardView, FigureView, MeterView, MoneyLine, OptionView, meter_view
from agent_platform.views.quotes import QuoteView, quote_view

TIMES = 1_000
PRICED = ("per_event", "per_run")
# The agent of the creators' guide, with 830 rows: shown until a priced agent is listed.
GUIDE_UNITS = 830
GUIDE_PRICE: dict[str, Any] = {
    "model": "per_event",
    "costs": "included",
    "events": {"row": {"title": "Row added up", "price_micro_usd": 200, "primary": True}},
    "smallest_cap_micro_usd": 10_000,
}


@dataclass(frozen=True)
class ExampleView:
    """A receipt as a run of this agent would leave it, and what a thousand such runs leave its creator."""

    slug: str
    name: str
    address: str
    quote: QuoteView
    before: str
    before_note: str
    cap: str
    charged: MoneyView
    meter: MeterView
    lines: list[MoneyLine]
    sums_note: str
    sums: list[MoneyLine]
    keeps_words: str
    keeps: MoneyView


@dataclass(frozen=True)
class Subject:
    """Whose example it is. `units` is how many of the primary event a run charges where no history tells."""

    name: str
    slug: str
    address: str
    version: str
    price: dict[str, Any]
    history: billing.History = field(default_factory=billing.History)
    memory_mb: int = 128
    timeout_seconds: int = 600
    units: int = 1


def example_of(subject: Subject) -> ExampleView:
    """Worked out by the functions that quote, charge and divide real runs."""
    quoted = billing.quote(
        subject.price,
        history=subject.history,
        memory_mb=subject.memory_mb,
        timeout_seconds=subject.timeout_seconds,
    )
    name, offer = _primary(subject.price)
    wanted = _usual_units(quoted, offer["price_micro_usd"], subject.units)
    units, charged = billing.payable(
        subject.price, name, units=wanted, units_before=0, left_micro_usd=quoted.cap_micro_usd
    )
    each = money_short(offer["price_micro_usd"])
    runs = _thousand(charged, subject, quoted.p50_ms)
    return ExampleView(
        slug=subject.slug,
        name=plain_text(subject.name),
        address=f"{subject.address} · v{subject.version}",
        quote=quote_view(quoted, version=subject.version),
        before=money_short(quoted.p50_micro_usd) if quoted.p50_micro_usd is not None else each,
        before_note="typical" if quoted.p50_micro_usd is not None else f"/ {offer['title'].lower()}",
        cap=money_short(quoted.cap_micro_usd),
        charged=money_exact(charged),
        meter=meter_view(charged, quoted.cap_micro_usd, p50=quoted.p50_micro_usd, p90=quoted.p90_micro_usd),
        lines=[
            MoneyLine(
                plain_text(offer["title"]), money_exact(charged), f"{count(units)} \N{MULTIPLICATION SIGN} {each}"
            ),
            MoneyLine("Sandbox time", money_exact(0), "included in the price"),
            MoneyLine("Released from your hold", money_exact(quoted.cap_micro_usd - charged)),
        ],
        sums_note=f"at {count(TIMES)} such runs",
        **runs,
    )


def _thousand(charged: int, subject: Subject, run_ms: int | None) -> dict[str, Any]:
    compute = TIMES * compute_cost_micro_usd(subject.memory_mb, run_ms) if run_ms else 0
    split = billing.Split(price_micro_usd=TIMES * charged, passed_on_micro_usd=0, compute_micro_usd=compute)
    lines = [
        MoneyLine("Price charged to users", money_exact(split.price_micro_usd)),
        MoneyLine("Platform fee, 15 %", money_exact(-split.fee_micro_usd)),
    ]
    if run_ms:
        note = f"{count(subject.memory_mb)} MB for {duration_ms(run_ms)} each"
        lines.append(MoneyLine("Sandbox time", money_exact(-split.borne_by_creator_micro_usd), note))
    return {
        "sums": lines,
        "keeps_words": "You keep" if run_ms else "You keep, before sandbox time",
        "keeps": money_exact(split.earned_micro_usd),
    }


def _usual_units(quoted: billing.Quote, each_micro_usd: int, otherwise: int) -> int:
    if quoted.p50_micro_usd is None:
        return otherwise
    return max(1, quoted.p50_micro_usd // max(1, each_micro_usd))


def _primary(price: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return next(
        (pair for pair in price["events"].items() if pair[1].get("primary")), next(iter(price["events"].items()))
    )


def subject_of(listing: catalog.ListingFacts) -> Subject:
    card, resources = listing.card, listing.manifest.resources
    return Subject(
        name=card.name,
        slug=card.slug,
        address=f"{card.publisher}/{card.slug}",
        version=card.version,
        price=listing.manifest.price,
        history=billing.History(card.runs_30d, card.cost_p50_micro_usd, card.cost_p90_micro_usd, card.median_ms),
        memory_mb=resources.memory_mb,
        timeout_seconds=resources.timeout_seconds,
    )


GUIDE = example_of(
    Subject("Order Totals", "order-totals", "your-name/order-totals", "1.0.0", GUIDE_PRICE, units=GUIDE_UNITS)
)


@dataclass(frozen=True)
class DemoOffer:
    """An agent that visitors may try without an account; empty where there is none."""

    name: str = ""
    href: str = ""


# The strip as it is before anything has been read, so that what is below keeps its place.
UNREAD = tuple(
    FigureView(words, "\N{NO-BREAK SPACE}")
    for words in ("runs finished, 30 days", "succeeded, 30 days", "agents ready to run", "publishers")
)


@dataclass(frozen=True)
class LandingView:
    """`example` is of the guide's agent until a listed one with a price has been found."""

    figures: list[FigureView] = field(default_factory=lambda: list(UNREAD))
    browse: str = "Browse agents"
    collections: list[OptionView] = field(default_factory=list)
    example: ExampleView = GUIDE
    demo: DemoOffer = DemoOffer()


def landing_view(
    totals: catalog.Totals,
    collections: Sequence[catalog.Collection],
    example: catalog.ListingFacts | None,
    demo: catalog.ListingCard | None = None,
) -> LandingView:
    return LandingView(
        figures=_figures(totals),
        browse=f"Browse {many(totals.agents, 'agent')}" if totals.agents else "Browse agents",
        collections=[OptionView(one.key, one.title) for one in collections],
        example=example_of(subject_of(example)) if example else GUIDE,
        demo=_offer(demo) if demo else DemoOffer(),
    )


def _offer(card: catalog.ListingCard) -> DemoOffer:
    return DemoOffer(plain_text(card.name), f"/agents/{card.publisher}/{card.slug}?tab=run")


def cards_of(collections: Sequence[catalog.Collection], key: str) -> list[AgentCardView]:
    """The cards of the chosen collection, of the first one for an unknown key."""
    if not collections:
        return []
    chosen = next((one for one in collections if one.key == key), collections[0])
    return [card_view(card) for card in chosen.listings]


def _figures(totals: catalog.Totals) -> list[FigureView]:
    """A figure that would be zero is left out."""
    known = [
        (totals.runs_30d, FigureView("runs finished, 30 days", count(totals.runs_30d))),
        (totals.success_30d, FigureView("succeeded, 30 days", percent(totals.success_30d))),
        (
            totals.agents,
            FigureView("agent ready to run" if totals.agents == 1 else "agents ready to run", count(totals.agents)),
        ),
        (
            totals.publishers,
            FigureView("publisher" if totals.publishers == 1 else "publishers", count(totals.publishers)),
        ),
    ]
    return [figure for number, figure in known if number]
