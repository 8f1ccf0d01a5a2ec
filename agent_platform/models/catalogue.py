"""The public directory: only columns that anybody may see, no row security. Written by the publisher role alone."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Computed, Index, Text, UniqueConstraint, and_, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from agent_platform.core.ids import new_id
from agent_platform.models._columns import (
    CATALOGUE,
    PLATFORM,
    count,
    flag,
    jsonb,
    maybe_at,
    now_at,
    one_of,
    ordered_json,
    texts,
)

WEIGHTED_TEXT = (
    "setweight(to_tsvector('english', name), 'A') || setweight(array_to_tsvector(tags), 'B') || "
    "setweight(to_tsvector('english', summary), 'C') || "
    "setweight(to_tsvector('english', replace(publisher, '-', ' ') || ' ' || publisher_name), 'B')"
)


# What the directory shows; written out the same in queries, or the partial indexes below would not serve them.
SHOWN = "state IN ('published', 'maintenance') AND visibility = 'public'"


# What filters and words ask for lies in the index of each order, so that a page is found without looking at listings it leaves
# out. Columns of one width come first: what lies behind a text takes longer to reach. Manifests keep all of it far below the
# 2,704 bytes that an entry may have.
FILTERED = (
    *("needs_network", "needs_connection", "needs_model", "is_verified", "tsv", "category", "kind", "price_model"),
    *("permission_level", "publisher", "runs_30d", "success_30d", "cost_p50_micro_usd", "rating"),
)
RANKED = ("quality", "tags")


def _shown(name: str, *columns: str, besides: tuple[str, ...] = ()) -> Index:
    """One order of the directory, over what it shows."""
    return Index(
        f"ix_listings_{name}",
        *(text(column) for column in columns),
        postgresql_where=text(SHOWN),
        postgresql_include=[one for one in (*FILTERED, *besides) if one not in " ".join(columns).split()],
    )


class ListingState(StrEnum):
    PUBLISHED = "published"
    MAINTENANCE = "maintenance"
    DEPRECATED = "deprecated"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"


# States that daily tests may change; the others are left by a person's decision only.
LISTING_TEST_STATES = frozenset({ListingState.PUBLISHED.value, ListingState.MAINTENANCE.value})


class ReleaseState(StrEnum):
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    YANKED = "yanked"


class Publisher(SQLModel, table=True):
    __tablename__: ClassVar[str] = "publishers"
    __table_args__ = (CATALOGUE,)

    tenant_id: UUID = Field(primary_key=True)
    handle: str = Field(unique=True)
    name: str
    is_verified: bool = flag()
    is_synthetic: bool = flag()  # made by `seed --listings` for measuring; owned by no workspace
    users_30d: int = count()  # of all its public agents, each workspace once


class Listing(SQLModel, table=True):
    __tablename__: ClassVar[str] = "listings"
    __table_args__ = (
        UniqueConstraint("publisher", "slug"),
        UniqueConstraint("id", "tenant_id"),
        one_of("state", ListingState),
        Index("ix_listings_tsv", "tsv", postgresql_using="gin"),
        _shown("used", "runs_30d DESC", "id DESC", besides=RANKED),
        _shown("category", "category", "runs_30d DESC", "id DESC", besides=RANKED),
        _shown("newest", "published_at DESC", "id DESC"),
        _shown("rated", "COALESCE(rating, 0) DESC", "id DESC"),
        Index(
            "ix_listings_trending",
            text("growth_7d DESC"),
            text("id DESC"),
            postgresql_where=and_(text("growth_7d > 0"), text(SHOWN)),
        ),
        _shown("cheapest", "COALESCE(cost_p50_micro_usd, 2147483647)", "id"),
        CATALOGUE,
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: UUID
    publisher: str
    publisher_name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    slug: str
    name: str
    summary: str
    category: str
    kind: str = "job"
    tags: list[str] = texts()
    visibility: str = "public"
    state: str = Field(default=ListingState.PUBLISHED)
    suspended_from: str | None = None  # the state that comes back when the suspension is lifted
    release_id: UUID
    version: str
    price_model: str
    price_label: str
    price_unit: str = ""
    needs_network: bool = flag()
    needs_connection: bool = flag()
    needs_model: bool = flag()
    permission_level: str = "low"
    demo: bool = flag()
    is_verified: bool = flag()
    is_synthetic: bool = flag()
    runs_30d: int = count()
    users_30d: int = count()
    growth_7d: int = count()  # runs of the last seven days less those of the seven before
    judged_30d: int = count()
    success_30d: float | None = None
    median_ms: int | None = None
    p95_ms: int | None = None
    cost_p50_micro_usd: int | None = Field(default=None)
    cost_p90_micro_usd: int | None = Field(default=None)
    rating: float | None = None
    rating_count: int = count()
    quality: int | None = None
    published_at: datetime = now_at()
    updated_at: datetime = now_at()  # when its release or state last changed; figures come every few minutes
    tsv: Any = Field(default=None, sa_column=Column("tsv", TSVECTOR, Computed(WEIGHTED_TEXT, persisted=True)))


class Release(SQLModel, table=True):
    """The public copy of an approved version; consumers' runs refer to it. Never deleted, withdrawn by state."""

    __tablename__: ClassVar[str] = "releases"
    __table_args__ = (
        UniqueConstraint("id", "tenant_id"),
        UniqueConstraint("listing_id", "number"),
        one_of("state", ReleaseState),
        CATALOGUE,
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: UUID
    listing_id: UUID = Field(index=True)
    number: str
    state: str = Field(default=ReleaseState.PUBLISHED)
    manifest: dict[str, Any] = ordered_json()
    digest: str
    readme: str = ""
    changelog: str = ""
    published_at: datetime = now_at()


class PublicReview(SQLModel, table=True):
    """What everybody may read of a review: the name of its author and workspace, and never which tenant that is."""

    __tablename__: ClassVar[str] = "reviews"
    __table_args__ = (Index("ix_reviews_listing", "listing_id", "written_at", "id"), CATALOGUE)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    listing_id: UUID
    release_id: UUID
    version: str
    stars: int
    text: str
    reviewer_label: str
    written_at: datetime = now_at()
    edited_at: datetime | None = maybe_at()
    reply: str = ""
    replied_at: datetime | None = maybe_at()


class ListingQuality(SQLModel, table=True):
    """The score of a listing as it was last computed, factor by factor, and what its creator may do next."""

    __tablename__: ClassVar[str] = "quality"
    __table_args__ = (CATALOGUE,)

    listing_id: UUID = Field(primary_key=True)
    score: int
    factors: dict[str, Any] = ordered_json()
    next_action: str = ""
    next_points: float = 0.0
    computed_at: datetime = now_at()


class DayOfTests(SQLModel, table=True):
    """What the tests of a listing said on one day, and the state of the listing after it; `note` is of the first that failed."""

    __tablename__: ClassVar[str] = "test_days"
    __table_args__ = (CATALOGUE,)

    listing_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    version: str
    tests: int
    failed: int
    note: str = ""
    state: str
    finished_at: datetime = now_at()


class Synonym(SQLModel, table=True):
    __tablename__: ClassVar[str] = "synonyms"
    __table_args__ = (CATALOGUE,)

    word: str = Field(primary_key=True)
    also: str = Field(primary_key=True)


class ListingSuccessDay(SQLModel, table=True):
    """Runs of one day (UTC) that say something about the agent; days without one have no row."""

    __tablename__: ClassVar[str] = "success_days"
    __table_args__ = (CATALOGUE,)

    listing_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    good: int = count()
    bad: int = count()


class ListedWord(SQLModel, table=True):
    """A term that a public listing is found by: a trigger of the listings adds them, and nothing counts on one being used."""

    __tablename__: ClassVar[str] = "words"
    __table_args__ = (
        Index("ix_words_trgm", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
        CATALOGUE,
    )

    word: str = Field(sa_column=Column("word", Text(collation="C"), primary_key=True))


class ReceiptKey(SQLModel, table=True):
    """A public key that signed receipts of this installation; kept for as long as somebody may hold such a receipt."""

    __tablename__: ClassVar[str] = "receipt_keys"
    __table_args__ = (CATALOGUE,)

    key_id: str = Field(primary_key=True)
    public_key: str
    first_seen_at: datetime = now_at()


class ReleaseSpec(SQLModel, table=True):
    """How a release is executed: the creator's property, read by workers only."""

    __tablename__: ClassVar[str] = "release_specs"
    __table_args__ = (PLATFORM,)

    release_id: UUID = Field(primary_key=True)
    tenant_id: UUID
    source_version_id: UUID
    spec: dict[str, Any] = jsonb()
