"""Examples as everybody reads them: written by a job."""

from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core import live
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.catalogue import Listing
from agent_platform.models.examples import Example, PublicExample

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:example, 0))")
COPIED = ("id", "listing_id", "release_id", "slug", "title", "line", "version", "kept", "ran_at")
FIGURES = ("duration_ms", "cost_micro_usd")


def publish_example(*, tenant_id: UUID, example_id: UUID) -> None:
    """The catalogue shows the example as it stands now, or no more once it is gone. Safe to repeat, in any order."""
    with publisher_session() as session:
        session.execute(
            ONE_AT_A_TIME, {"example": str(example_id)}
        )  # read behind the lock: the last one to write is right
        with tenant_session(tenant_id) as inside:
            example = inside.get(Example, (tenant_id, example_id))
        mine = select(col(Listing.id)).where(col(Listing.tenant_id) == tenant_id)
        if example is None:
            session.execute(
                delete(PublicExample).where(
                    col(PublicExample.id) == example_id, col(PublicExample.listing_id).in_(mine)
                )
            )
            return
        listing = session.get(Listing, example.listing_id)
        if listing is None or listing.tenant_id != tenant_id:
            return
        values = {name: getattr(example, name) for name in (*COPIED, *FIGURES)}
        words = {"title": example.title, "line": example.line, "changed_at": func.now()}
        session.execute(
            insert(PublicExample)
            .values(**values, saved_at=example.created_at)
            .on_conflict_do_update(index_elements=["id"], set_=words)
        )
        live.publish_after_commit(session, f"examples:{example.listing_id}")
