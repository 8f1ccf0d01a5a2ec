"""What an agent's page shows, formatted."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from agent_platform.services import billing, catalog
from agent_platform.services.agents import Manifest
from agent_platform.services.quality import LastTest, StoredQuality
from agent_platform.views.format import (
    count,
    date_text,
    day_text,
    duration_ms,
    many,
    money_short,
    plain_text,
    span,
)
from agent_platform.views.markdown import render_markdown
from agent_platform.views.parts import FactView, PermissionView
from agent_platform.views.pricing import PriceRowView, price_note, price_rows, unit_words
from agent_platform.views.promises import promises, when_agent_fails
from agent_platform.views.quality import QualityView, quality_view
from agent_platform.views.success import success_fact

RESTING = {
    "maintenance": "Its daily tests failed on three days in a row. It still runs; three good days in a row bring it back.",
    "deprecated": "Its daily tests have failed for a month, or its versions were withdrawn. Only workspaces that use it already may run it.",
}


@dataclass(frozen=True)
class Trust:
    """What the platform has found out about a listing by itself."""

    quality: StoredQuality | None = None
    tested: LastTest | None = None
    replies: catalog.ReplyFacts | None = None


NOTHING_KNOWN = Trust()


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
    promises: list[str] = field(default_factory=list)  # what happens to the money if something goes wrong
    compared: str = ""  # with what the rows of the sheet are compared
    waiting: str = ""  # the number of a version that waits for a yes
    may_accept: bool = False
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
        facts=_facts(manifest, version, listing, trust, now),
        permissions=_rows(catalog.permissions_of(manifest)),
        prices=price_rows(manifest.price),
        price_note=price_note(manifest.price, own=own),
        promises=promises(billing.own_price() if own else manifest.price),
        needs_yes=needs_yes and manifest.permission_level != "low",
        quality=quality_view(trust.quality),
        resting=_resting(card, trust.tested),
        publisher_href=f"/publishers/{publisher}" if card and card.is_listed else "",
    )


def with_sheet(view: AgentView, sheet: catalog.PermissionSheet, *, may_accept: bool) -> AgentView:
    """The page of a workspace's member: what has changed since the version that was accepted there last is marked."""
    return replace(
        view,
        permissions=_rows(sheet.rows),
        level=sheet.level,
        compared=_compared(sheet),
        waiting=sheet.number if sheet.waits else "",
        may_accept=sheet.waits and may_accept,
    )


def _compared(sheet: catalog.PermissionSheet) -> str:
    if not sheet.accepted:
        return ""
    accepted = f"{sheet.accepted}, which this workspace accepted last"
    if sheet.waits:
        return f"This is {sheet.number} compared with {accepted}. Runs here stay with {sheet.accepted} until {sheet.number} is accepted."
    if any(row.change for row in sheet.rows):
        return f"This is {sheet.number} compared with {accepted}."
    return f"{sheet.number} may do the same as {accepted}."


def _rows(facts: Sequence[catalog.PermissionFacts]) -> list[PermissionView]:
    return [PermissionView(one.icon, one.title, one.sentence, one.mark, one.change) for one in facts]


def _price_words(card: catalog.ListingCard | None) -> tuple[str, str]:
    """Amount and unit."""
    if card is None:
        return "Sandbox time only", ""
    return card.price_label, unit_words(card.price_model, card.price_unit)


def _facts(
    manifest: Manifest,
    version: str,
    listing: catalog.ListingFacts | None,
    trust: Trust,
    now: datetime,
) -> list[FactView]:
    card, known = listing.card if listing else None, []
    if listing is not None and card is not None:
        cost = money_short(card.cost_p50_micro_usd) if card.cost_p50_micro_usd is not None else "\N{EM DASH}"
        p90 = f"p90 {money_short(card.cost_p90_micro_usd)}" if card.cost_p90_micro_usd is not None else ""
        known = [
            success_fact(listing, now),
            FactView("Typical cost", cost, p90),
            FactView(
                "Typical time", duration_ms(card.median_ms), f"p95 {duration_ms(card.p95_ms)}" if card.p95_ms else ""
            ),
            FactView("Users, 30 days", count(card.users_30d), many(card.runs_30d, "run")),
            _tested(trust.tested, now),
            *_replies(trust.replies),
        ]
    published = day_text(card.published_at, now) if card else ""
    price = manifest.price if card is not None else billing.own_price()
    return [*known, FactView("Version", version, published), FactView("If it fails", when_agent_fails(price))]


def _replies(replies: catalog.ReplyFacts | None) -> list[FactView]:
    if replies is None:
        return []
    note = f"{count(replies.answered)} of {many(replies.reviews, 'review')} answered"
    return [FactView("Maintainer replies in", span(replies.seconds), note)]


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
