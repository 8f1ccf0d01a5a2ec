"""What an agent's page shows, formatted."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agent_platform.core.money import MICRO
from agent_platform.services import billing, catalog
from agent_platform.services.agents import Manifest
from agent_platform.services.quality import LastTest, StoredQuality
from agent_platform.views.amounts import read_dollars
from agent_platform.views.format import (
    count,
    date_text,
    day_text,
    duration_ms,
    money_short,
    money_text,
    percent,
    plain_text,
)
from agent_platform.views.markdown import render_markdown
from agent_platform.views.parts import FactView, MeterView, PermissionView, meter_view
from agent_platform.views.promises import when_agent_fails
from agent_platform.views.quality import QualityView, quality_view

CHARGED_WHEN = {
    "stored": "the row is stored",
    "started": "the run starts",
    "succeeded": "the run succeeds",
    "valid_output": "the output fits its schema",
}

RESTING = {
    "maintenance": "Its daily tests failed on three days in a row. It still runs; three good days in a row bring it back.",
    "deprecated": "Its daily tests have failed for a month, or its versions were withdrawn. Only workspaces that use it already may run it.",
}


@dataclass(frozen=True)
class Trust:
    """What the platform has found out about a listing by itself."""

    quality: StoredQuality | None = None
    tested: LastTest | None = None


NOTHING_KNOWN = Trust()
PLUS_TIME = "+ sandbox time"  # of a free agent: what a run costs is what it takes of the sandbox


@dataclass(frozen=True)
class PriceRowView:
    title: str
    primary: bool
    when: str
    price: str
    thousand: str
    tiers: str


@dataclass(frozen=True)
class QuoteView:
    typical: str = ""
    sentence: str = ""
    source: str = ""
    meter: MeterView = MeterView()


@dataclass(frozen=True)
class AgentView:
    name: str = ""
    slug: str = ""
    publisher: str = ""
    address: str = ""
    summary: str = ""
    category: str = ""
    verified: bool = False
    rating: str = ""
    ratings: str = ""
    price: str = ""
    price_unit: str = ""
    own: bool = False
    state: str = ""
    readme: str = ""
    changelog: str = ""
    level: str = ""
    options_note: str = ""
    facts: list[FactView] = field(default_factory=list)
    permissions: list[PermissionView] = field(default_factory=list)
    prices: list[PriceRowView] = field(default_factory=list)
    price_note: str = ""
    needs_yes: bool = False
    quality: QualityView = QualityView()
    resting: str = ""  # why it is in maintenance or deprecated
    publisher_href: str = ""  # of the publisher's page, which one with agents in the directory has


def agent_view(
    manifest: Manifest,
    *,
    publisher: str,
    version: str,
    listing: catalog.ListingFacts | None,
    now: datetime,
    needs_yes: bool = False,
    trust: Trust = NOTHING_KNOWN,
) -> AgentView:
    """The page of a listed agent, or of one's own that is not listed (`listing` is None)."""
    card = listing.card if listing else None
    own = listing is None
    label, unit = _price_words(card)
    return AgentView(
        name=plain_text(manifest.name),
        slug=manifest.slug,
        publisher=publisher,
        address=f"{publisher}/{manifest.slug}",
        summary=plain_text(manifest.summary),
        category=manifest.category.capitalize(),
        verified=bool(card and card.is_verified),
        rating=f"{card.rating:.1f}" if card and card.rating else "",
        ratings=count(card.rating_count) if card and card.rating_count else "",
        price=label,
        price_unit=unit,
        own=own,
        state=card.state if card else "",
        readme=render_markdown(listing.readme) if listing else "",
        changelog=render_markdown(listing.changelog) if listing else "",
        level=manifest.permission_level,
        options_note=f"Version {version} · {manifest.resources.memory_mb} MB · {duration_ms(manifest.resources.timeout_seconds * 1000)}",
        facts=_facts(manifest, version, card, trust.tested, now),
        permissions=[
            PermissionView(one.icon, one.title, one.sentence, one.mark, one.change)
            for one in catalog.permissions_of(manifest)
        ],
        prices=_price_rows(manifest.price),
        price_note=_price_note(manifest.price, own=own),
        needs_yes=needs_yes and manifest.permission_level != "low",
        quality=quality_view(trust.quality),
        resting=_resting(card, trust.tested),
        publisher_href=f"/publishers/{publisher}" if card and card.is_listed else "",
    )


def quote_view(quote: billing.Quote, *, version: str) -> QuoteView:
    """The quote in the words of the design: typical, nine of ten, never above."""
    cap = money_short(quote.cap_micro_usd)
    meter = meter_view(0, quote.cap_micro_usd, p50=quote.p50_micro_usd, p90=quote.p90_micro_usd)
    seconds = f" About {duration_ms(quote.p50_ms)}." if quote.p50_ms else ""
    if quote.known_micro_usd is not None:
        return QuoteView(
            typical=f"{money_short(quote.known_micro_usd)} for a run.",
            sentence=f"Never above {cap}.{seconds}",
            source=_source(quote, version),
            meter=meter,
        )
    if quote.p50_micro_usd is not None and quote.p90_micro_usd is not None:
        return QuoteView(
            typical=f"Typically {money_short(quote.p50_micro_usd)}{' for sandbox time' if _has_no_price(quote) else ''}.",
            sentence=f"9 of 10 runs under {money_short(quote.p90_micro_usd)}, never above {cap}.{seconds}",
            source=_source(quote, version),
            meter=meter,
        )
    return QuoteView(
        sentence=_without_history(quote, cap),
        source=_source(quote, version),
        meter=meter,
    )


def quote_of_wrong_cap() -> QuoteView:
    """No figure stands beside Run while the one it came from is gone."""
    return QuoteView(sentence="Correct the maximum cost to see what this run can cost.")


def quote_of_dry_run() -> QuoteView:
    return QuoteView(typical="Nothing is charged.", sentence="A dry run reads only and ends after at most 2 minutes.")


def read_cap(text: str, *, least_micro_usd: int = 0, above_micro_usd: int = 0) -> int:
    """Micro-USD of the maximum cost as typed; `above` is the cap that was too small. Raises ValueError with what to change."""
    amount = read_dollars(text)
    if amount <= 0:
        raise ValueError("The maximum cost must be above $0.")
    if amount < least_micro_usd:
        raise ValueError(f"The smallest maximum cost for this agent is {money_short(least_micro_usd)}.")
    if above_micro_usd and amount <= above_micro_usd:
        raise ValueError(f"The cap was {money_short(above_micro_usd)}. Write more than that.")
    return amount


def cap_text(cap_micro_usd: int) -> str:
    whole, fraction = divmod(cap_micro_usd, MICRO)
    return f"{whole}.{f'{fraction:06d}'.rstrip('0'):0<2}"


def _price_words(card: catalog.ListingCard | None) -> tuple[str, str]:
    """Amount and unit."""
    if card is None:
        return "Sandbox time only", ""
    if card.price_model == "free":
        return card.price_label, PLUS_TIME
    return card.price_label, f"/ {card.price_unit}" if card.price_unit else ""


def _source(quote: billing.Quote, version: str) -> str:
    known = f"From {count(quote.runs)} finished runs" if quote.p50_micro_usd is not None else f"Version {version}"
    return f"{known}. Full refund if the platform is at fault."


def _has_no_price(quote: billing.Quote) -> bool:
    """What such a run costs is its sandbox time."""
    return quote.model in {"free", "own"}


def _without_history(quote: billing.Quote, cap: str) -> str:
    if _has_no_price(quote):
        return f"Sandbox time only, at most {money_short(min(quote.most_compute_micro_usd, quote.cap_micro_usd))}."
    if quote.primary_micro_usd is not None:
        return f"{money_short(quote.primary_micro_usd)} for each {(quote.primary_title or 'event').lower()}, never above {cap}."
    return f"Never above {cap}."


def _facts(
    manifest: Manifest,
    version: str,
    card: catalog.ListingCard | None,
    tested: LastTest | None,
    now: datetime,
) -> list[FactView]:
    known = []
    if card is not None:
        cost = money_short(card.cost_p50_micro_usd) if card.cost_p50_micro_usd is not None else "\N{EM DASH}"
        p90 = f"p90 {money_short(card.cost_p90_micro_usd)}" if card.cost_p90_micro_usd is not None else ""
        known = [
            FactView("Success, 30 days", percent(card.success_30d)),
            FactView("Typical cost", cost, p90),
            FactView(
                "Typical time", duration_ms(card.median_ms), f"p95 {duration_ms(card.p95_ms)}" if card.p95_ms else ""
            ),
            FactView("Users, 30 days", count(card.users_30d), f"{count(card.runs_30d)} runs"),
            _tested(tested, now),
        ]
    published = day_text(card.published_at, now) if card else ""
    price = manifest.price if card is not None else billing.own_price()
    return [*known, FactView("Version", version, published), FactView("If it fails", when_agent_fails(price))]


def _tested(tested: LastTest | None, now: datetime) -> FactView:
    if tested is None:
        return FactView("Last automatic test", "\N{EM DASH}")
    said = "passed" if tested.passed else f"{tested.failed} of {tested.tests} failed"
    return FactView("Last automatic test", said, date_text(tested.finished_at, now))


def _resting(card: catalog.ListingCard | None, tested: LastTest | None) -> str:
    if card is None or card.state not in RESTING:
        return ""
    why = f" The last time: {plain_text(tested.note)}." if tested is not None and tested.note else ""
    return RESTING[card.state] + why


def _price_rows(price: dict[str, Any]) -> list[PriceRowView]:
    when = CHARGED_WHEN.get(price.get("charge_on", "stored"), "the row is stored")
    return [
        PriceRowView(
            plain_text(event["title"]),
            bool(event.get("primary")),
            when,
            money_text(event["price_micro_usd"]),
            money_short(1_000 * event["price_micro_usd"]),
            ", ".join(
                f"{money_short(tier['price_micro_usd'])} from {count(tier['from'])}" for tier in event.get("tiers", ())
            ),
        )
        for event in price.get("events", {}).values()
    ]


def _price_note(price: dict[str, Any], *, own: bool) -> str:
    if own:
        return "Your own agent: you pay its sandbox time, $0.20 per GiB-hour, and no price."
    if price["model"] == "free":
        return "Free: you pay its sandbox time, $0.20 per GiB-hour, and nothing else."
    if price.get("costs") == "pass_through":
        return "Sandbox time is added at $0.20 per GiB-hour."
    return "Sandbox time is included in the price."
