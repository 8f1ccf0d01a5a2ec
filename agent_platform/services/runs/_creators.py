"""What a creator and the operator learn of a settled run, in sessions of their own tenants."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.keys import opaque_reference
from agent_platform.services import billing


def spread_settlement(payload: dict[str, Any]) -> None:
    """Creator's and operator's books and figures know of this run; repeating adds nothing."""
    run_id = UUID(payload["run_id"])
    split = billing.Split(
        price_micro_usd=payload["price_micro_usd"],
        passed_on_micro_usd=payload["passed_on_micro_usd"],
        compute_micro_usd=payload["compute_micro_usd"],
        refunded_by_platform=payload["refunded_by_platform"],
    )
    publisher = payload.get("publisher_tenant_id")
    consumer = UUID(payload["consumer_tenant_id"])
    if publisher:
        with tenant_session(UUID(publisher)) as session:
            if _count_once(session, payload, consumer) and not payload["refunded_by_platform"]:
                billing.earn(session, run_id=run_id, split=split)
    with tenant_session(consumer) as session:
        operator = _operator_tenant(session)
    if operator is not None and not payload["refunded_by_platform"]:
        with tenant_session(operator) as session:
            billing.collect_fee(session, run_id=run_id, split=split, has_creator=bool(publisher))


def _operator_tenant(session: TenantSession) -> UUID | None:
    value = session.execute(text("SELECT value FROM platform.settings WHERE key = 'operator'")).scalar_one_or_none()
    return UUID(value["tenant_id"]) if value else None


def spread_grant(tenant_id: UUID, *, month: str) -> None:
    """The tenant has its plan's credit of the month, and the operator's book shows the gift."""
    with tenant_session(tenant_id) as session:
        granted = billing.grant_plan_credit(session, month=month)
        operator = _operator_tenant(session)
    if granted and operator is not None and operator != tenant_id:
        with tenant_session(operator) as session:
            billing.book_grant(session, tenant_id=tenant_id, month=month, amount_micro_usd=granted)


def _count_once(session: TenantSession, payload: dict[str, Any], consumer: UUID) -> bool:
    """Counts, durations, error class and revenue; never input, output, log or error text. A run of one's own counts for nothing."""
    release = UUID(payload["release_id"])
    listing = session.execute(
        text("SELECT listing_id FROM catalogue.releases WHERE id = :id"), {"id": release}
    ).scalar_one()
    finished = datetime.fromisoformat(payload["finished_at"])
    split = billing.Split(payload["price_micro_usd"], payload["passed_on_micro_usd"], payload["compute_micro_usd"])
    fresh = session.execute(
        text(
            "INSERT INTO app.creator_runs (tenant_id, run_id, listing_id, consumer_ref, outcome, failure_class, is_related, duration_ms,"
            " price_micro_usd, finished_at) VALUES (:tenant, :run, :listing, :consumer, :outcome, :failure, false, :ms, :price, :at)"
            " ON CONFLICT DO NOTHING RETURNING run_id"
        ),
        {
            "tenant": session.tenant_id,
            "run": UUID(payload["run_id"]),
            "listing": listing,
            "consumer": opaque_reference("consumer", str(session.tenant_id), str(consumer)),
            "outcome": payload["outcome"],
            "failure": payload["failure_class"],
            "ms": payload["duration_ms"],
            "price": payload["price_micro_usd"] + payload["passed_on_micro_usd"],
            "at": finished,
        },
    ).scalar_one_or_none()
    if fresh is None:
        return False
    session.execute(
        text(
            "INSERT INTO app.creator_daily (tenant_id, day, listing_id, release_id, outcome, failure_class, runs, duration_ms, earned_micro_usd)"
            " VALUES (:tenant, :day, :listing, :release, :outcome, :failure, 1, :ms, :earned)"
            " ON CONFLICT (tenant_id, day, listing_id, release_id, outcome, failure_class) DO UPDATE SET runs = creator_daily.runs + 1,"
            " duration_ms = creator_daily.duration_ms + excluded.duration_ms, earned_micro_usd = creator_daily.earned_micro_usd + excluded.earned_micro_usd"
        ),
        {
            "tenant": session.tenant_id,
            "day": finished.date(),
            "listing": listing,
            "release": release,
            "outcome": payload["outcome"],
            "failure": payload["failure_class"],
            "ms": payload["duration_ms"],
            "earned": 0 if payload["refunded_by_platform"] else split.earned_micro_usd,
        },
    )
    return True
