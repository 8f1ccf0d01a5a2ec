"""What anybody may learn from the directory, free of the database."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from uuid import UUID

from agent_platform.models.catalogue import Listing, ListingState, Release
from agent_platform.services.agents import Manifest

LISTED = frozenset({ListingState.PUBLISHED, ListingState.MAINTENANCE})


@dataclass(frozen=True)
class ListingCard:
    """One agent in a list. `price_unit` is `page` or empty; figures are None until there are runs to count.

    What `is_synthetic` was made for measuring, with invented figures.
    """

    id: UUID
    tenant_id: UUID
    publisher: str
    slug: str
    name: str
    summary: str
    category: str
    kind: str
    tags: list[str]
    state: str
    visibility: str
    release_id: UUID
    version: str
    price_model: str
    price_label: str
    price_unit: str
    permission_level: str
    demo: bool
    is_verified: bool
    is_synthetic: bool
    runs_30d: int
    users_30d: int
    success_30d: float | None
    median_ms: int | None
    p95_ms: int | None
    cost_p50_micro_usd: int | None
    cost_p90_micro_usd: int | None
    rating: float | None
    rating_count: int
    quality: int | None
    published_at: datetime

    @classmethod
    def of(cls, listing: Listing) -> "ListingCard":
        return cls(*(getattr(listing, name) for name in cls.names()))

    @property
    def is_listed(self) -> bool:
        """Whether the directory shows it, and search engines may."""
        return self.visibility == "public" and self.state in LISTED

    @classmethod
    def names(cls) -> list[str]:
        """Of its fields, which are columns of a listing."""
        return [one.name for one in fields(cls)]


@dataclass(frozen=True)
class ReleaseFacts:
    id: UUID
    number: str
    state: str
    published_at: datetime
    changelog: str

    @classmethod
    def of(cls, release: Release) -> "ReleaseFacts":
        return cls(release.id, release.number, release.state, release.published_at, release.changelog)


@dataclass(frozen=True)
class SuccessDay:
    """Runs of one day (UTC) that say something about the agent."""

    day: date
    good: int = 0
    bad: int = 0


@dataclass(frozen=True)
class ListingFacts:
    """A whole agent page. `manifest` is that of the listed release; `releases` begins with the newest, `days` ends today."""

    card: ListingCard
    publisher_name: str
    manifest: Manifest
    readme: str
    changelog: str
    digest: str
    releases: list[ReleaseFacts]
    days: list[SuccessDay] = field(default_factory=list)


@dataclass(frozen=True)
class Facet:
    """One choice of a filter and how many agents it would leave."""

    key: str
    count: int


@dataclass(frozen=True)
class Page:
    """At most 24 agents. `total` counts to 500; `total_is_capped` says there are more. `is_guess`: found by words that look alike."""

    listings: list[ListingCard]
    total: int
    total_is_capped: bool
    next_cursor: str | None = None
    is_guess: bool = False


@dataclass(frozen=True)
class Collection:
    key: str
    title: str
    listings: list[ListingCard]


@dataclass(frozen=True)
class Totals:
    """`success_30d` is that of all runs that count, whosever agent it was; None until there are some."""

    agents: int
    publishers: int
    runs_30d: int
    success_30d: float | None = None
