"""What changed for the agents that a workspace uses: a version that asks for more, a price, a state (P-21).

Nothing is kept for it: releases, states and suspensions say it. Whoever ran an agent has accepted it, so its installations name
them all; a run freezes the price list of its release, so two releases say what a run cost before and costs now.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.money import dollars
from agent_platform.models.catalogue import Listing, ListingState, Release, ReleaseState
from agent_platform.models.installations import Installation
from agent_platform.models.trust import Suspension
from agent_platform.services.agents import number_of
from agent_platform.services.catalog._labels import price_label
from agent_platform.services.catalog._manifests import manifest_of
from agent_platform.services.catalog._permissions import asks_for_more

NEWS_DAYS = 30
HORIZON = text("SELECT now() - make_interval(days => :days)")
# The first day of tests after which the listing was in the state that it is in; none if no test brought it there.
TESTED_INTO = text(
    "SELECT min(finished_at) FROM catalogue.test_days WHERE listing_id = :listing AND state = :state AND day >"
    " coalesce((SELECT max(day) FROM catalogue.test_days WHERE listing_id = :listing AND state <> :state), '-infinity')"
)
Label = tuple[str, str]


class NewsKind(StrEnum):
    PERMISSIONS = "permissions"
    PRICE = "price"
    SUSPENDED = "suspended"
    MAINTENANCE = "maintenance"
    DEPRECATED = "deprecated"
    WITHDRAWN = "withdrawn"


TROUBLES = frozenset({ListingState.MAINTENANCE, ListingState.DEPRECATED, ListingState.WITHDRAWN})


@dataclass(frozen=True)
class AgentNews:
    """`version` brought it. `stays_on` is what runs start with until somebody accepts that, empty if nothing waits or nothing starts.

    `before` and `after` are labels of a price, as `price_label` gives them.
    """

    kind: NewsKind
    at: datetime
    agent_ref: str
    name: str
    version: str = ""
    stays_on: str = ""
    before: Label = ("", "")
    after: Label = ("", "")


@dataclass(frozen=True)
class _Known:
    """`release` is the listed one, if it starts runs and came within the time that is told of."""

    installation: Installation
    listing: Listing
    suspended_at: datetime | None
    release: Release | None


def list_news(session: TenantSession, *, most: int) -> list[AgentNews]:
    """What changed in the last 30 days for agents that this workspace has run or accepted, the newest first."""
    horizon: datetime = session.execute(HORIZON, {"days": NEWS_DAYS}).scalar_one()
    found = [news for known in _known(session, horizon) for news in _news_of(session, known) if news.at >= horizon]
    return sorted(found, key=lambda news: (news.at, news.kind), reverse=True)[:most]


def _known(session: TenantSession, horizon: datetime) -> list[_Known]:
    is_new = (col(Release.published_at) >= horizon) & (col(Release.state) == ReleaseState.PUBLISHED.value)
    rows = session.execute(
        select(Installation, Listing, col(Suspension.since_at), Release)
        .join(Listing, col(Listing.id) == Installation.listing_id)
        .outerjoin(Suspension, col(Suspension.subject_id) == Listing.id)
        .outerjoin(Release, (col(Release.id) == Listing.release_id) & is_new)
        .where(col(Installation.tenant_id) == session.tenant_id)
    )
    return [_Known(*row) for row in rows]


def _news_of(session: TenantSession, known: _Known) -> Iterator[AgentNews]:
    """An agent that starts no runs has no other news."""
    listing = known.listing
    state = listing.suspended_from if listing.state == ListingState.SUSPENDED else listing.state
    if known.suspended_at is not None:
        yield _news(known, NewsKind.SUSPENDED, known.suspended_at)
        return
    if state in TROUBLES:
        yield _news(known, NewsKind(str(state)), _since(session, listing, str(state)))
    if known.release is not None and state != ListingState.WITHDRAWN:
        yield from _of_release(session, known, known.release)


def _of_release(session: TenantSession, known: _Known, listed: Release) -> Iterator[AgentNews]:
    wanted = manifest_of(listed.manifest).permissions
    waits = asks_for_more(wanted, known.installation.accepted)
    accepted = session.get(Release, known.installation.release_id) if waits else None
    stays_on = accepted.number if accepted is not None and accepted.state == ReleaseState.PUBLISHED else ""
    if waits:
        yield _news(known, NewsKind.PERMISSIONS, listed.published_at, version=listed.number, stays_on=stays_on)
    change = _last_change(session, listed)
    if change is not None and known.installation.created_at < change[0].published_at:
        release, before, after = change
        labels = {"before": before, "after": after}
        yield _news(known, NewsKind.PRICE, release.published_at, version=release.number, stays_on=stays_on, **labels)


def _last_change(session: TenantSession, listed: Release) -> tuple[Release, Label, Label] | None:
    """The release that brought the price of the listed one, the price before and that price; None if it always was."""
    rows = session.execute(select(Release).where(col(Release.listing_id) == listed.listing_id)).scalars()
    older = [one for one in rows if number_of(one.number) < number_of(listed.number)]
    first = listed
    for release in sorted(older, key=lambda one: number_of(one.number), reverse=True):
        if release.published_at >= first.published_at:  # of an older line, published beside the listed ones
            continue
        labels = changed_price(manifest_of(release.manifest).price, manifest_of(listed.manifest).price)
        if labels is not None:
            return first, *labels
        first = release
    return None


def changed_price(before: dict[str, Any], after: dict[str, Any]) -> tuple[Label, Label] | None:
    """Both labels if they differ, else those of the first event whose price does; None if a run is charged the same."""
    labels = price_label(before), price_label(after)
    if labels[0] != labels[1]:
        return labels
    for event in [*after.get("events", {}), *before.get("events", {})]:
        was, now = (price.get("events", {}).get(event, {}).get("price_micro_usd", 0) for price in (before, after))
        if was != now:
            unit = event.replace("_", " ")
            return (dollars(was), unit), (dollars(now), unit)
    return None


def _since(session: TenantSession, listing: Listing, state: str) -> datetime:
    tested = session.execute(TESTED_INTO, {"listing": listing.id, "state": state}).scalar_one()
    return tested or listing.updated_at


def _news(known: _Known, kind: NewsKind, at: datetime, **more: Any) -> AgentNews:
    return AgentNews(kind, at, known.installation.agent_ref, known.listing.name, **more)
