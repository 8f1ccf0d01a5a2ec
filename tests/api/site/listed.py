"""Agents in the directory with releases, as the publisher role would have written them; hostile words are let through on purpose."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.ids import new_id
from agent_platform.models.catalogue import Listing, ListingQuality, PublicReview, Publisher, Release
from agent_platform.models.examples import PublicExample
from tests.services.agents.samples import manifest

FIRST_AT = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
TENANT = new_id()
numbers = count()


def list_agent(
    slug: str = "site-auditor",
    *,
    publisher: str = "harbor",
    readme: str = "",
    made: dict[str, Any] | None = None,
    **columns: Any,
) -> None:
    """One more agent of the publisher; `made` changes its manifest, `columns` its row."""
    number = next(numbers)
    at = FIRST_AT + timedelta(hours=number)
    written = manifest(**{"slug": slug, **(made or {})})
    listing, release = new_id(), new_id()
    row = {
        "id": listing,
        "tenant_id": TENANT,
        "publisher": publisher,
        "publisher_name": "Harbor",
        "slug": slug,
        "name": written["name"],
        "summary": written["summary"],
        "category": written["category"],
        "tags": written["tags"],
        "release_id": release,
        "version": written["version"],
        "price_model": written["pricing"]["model"],
        "price_label": "$0.02",
        "price_unit": "run",
        "is_verified": True,
        "runs_30d": 1481,
        "users_30d": 212,
        "judged_30d": 1400,
        "success_30d": 0.981,
        "median_ms": 3200,
        "published_at": at,
        **columns,
    }
    with publisher_session() as session:
        session.execute(
            upsert(Publisher)
            .values(tenant_id=TENANT, handle=publisher, name=row["publisher_name"])
            .on_conflict_do_nothing()
        )
        session.execute(insert(Listing).values(**row))
        session.execute(
            insert(Release).values(
                id=release, tenant_id=TENANT, listing_id=listing, number=row["version"], manifest=written,
                digest="0" * 64, readme=readme, changelog="First release.", published_at=at,
            )
        )  # fmt: skip


def review_agent(slug: str, *, stars: int, text: str, label: str, reply: str = "") -> None:
    with publisher_session() as session:
        listing, release = session.execute(
            select(col(Listing.id), col(Listing.release_id)).where(col(Listing.slug) == slug)
        ).one()
        session.execute(
            insert(PublicReview).values(
                id=new_id(), listing_id=listing, release_id=release, version="1.0.0", stars=stars, text=text,
                reviewer_label=label, written_at=FIRST_AT, reply=reply, replied_at=FIRST_AT if reply else None,
            )
        )  # fmt: skip


def score_agent(slug: str, score: int) -> None:
    """The listed agent has this quality, all of it for one part."""
    factors = {
        "factors": [{"key": "reliability", "title": "Reliability", "most": 25, "checks": [["Success", 20.0, 20.0]]}]
    }
    with publisher_session() as session:
        listing = session.execute(select(col(Listing.id)).where(col(Listing.slug) == slug)).scalar_one()
        session.execute(
            insert(ListingQuality).values(listing_id=listing, score=score, factors=factors, next_points=0.0)
        )


def keep_example(
    slug: str, example: str = "three-pages", *, kept: dict[str, Any] | None = None, **columns: Any
) -> None:
    """An example of the listed agent; `kept` changes what it was given and has put out."""
    whole = {
        "input": {"start_url": "https://example.com/", "max_pages": 3},
        "rows": [{"path": f"/page/{n}"} for n in range(3)],
        "row_count": 3,
        "result": None,
        "files": [{"name": "report.html", "media_type": "text/html", "bytes": 1_200, "text": None}],
        **(kept or {}),
    }
    with publisher_session() as session:
        listing, release = session.execute(
            select(col(Listing.id), col(Listing.release_id)).where(col(Listing.slug) == slug)
        ).one()
        row = {
            "id": new_id(), "listing_id": listing, "release_id": release, "slug": example, "title": "Three pages",
            "line": "A small site without a fault.", "version": "1.0.0", "kept": whole, "ran_at": FIRST_AT,
            "duration_ms": 3_200, "cost_micro_usd": 166, "saved_at": FIRST_AT, "changed_at": FIRST_AT, **columns,
        }  # fmt: skip
        session.execute(insert(PublicExample).values(**row))
