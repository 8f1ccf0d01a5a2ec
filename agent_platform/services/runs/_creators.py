"""What a creator and the operator learn of a settled run, in sessions of their own tenants."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core import outbox
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.keys import opaque_reference
from agent_platform.models.runs import FailureClass, Run
from agent_platform.services import billing, tenancy


def tell_creator(session: TenantSession, run: Run, *, prices: int, passed_on: int) -> None:
    """What crosses to other books leaves as a message: share, fee and figures, never input, output or log."""
    refunded = run.failure_class == FailureClass.PLATFORM
    outbox.put(
        session,
        "run.settled",
        run_id=run.id,
        publisher_tenant_id=run.publisher_tenant_id,
        release_id=run.release_id,
        consumer_tenant_id=session.tenant_id,
        outcome=run.state,
        failure_class=run.failure_class or "",
        duration_ms=run.compute_ms,
        price_micro_usd=prices,
        passed_on_micro_usd=passed_on,
        compute_micro_usd=run.compute_micro_usd,
        refunded_by_platform=refunded,
        output_invalid=run.failure_code == "output_invalid",
        within_quote=_within_quote(run),
        finished_at=run.finished_at,
    )


def _within_quote(run: Run) -> bool | None:
    """None where the quote named no figure that nine of ten runs stay under."""
    quoted = run.options.get("quoted_p90_micro_usd")
    return None if quoted is None else run.charged_micro_usd + run.child_micro_usd <= quoted


def spread_settlements(payloads: Sequence[dict[str, Any]]) -> None:
    """Creators' and the operator's books and figures know of these runs; repeating adds nothing. One transaction for each book."""
    by_publisher: dict[UUID, list[dict[str, Any]]] = {}
    for payload in payloads:
        if payload.get("publisher_tenant_id"):
            by_publisher.setdefault(UUID(payload["publisher_tenant_id"]), []).append(payload)
    for publisher, its in by_publisher.items():
        with tenant_session(publisher) as session:
            for payload in its:
                _earn(session, payload)
    paid = [payload for payload in payloads if not payload["refunded_by_platform"]]
    operator = _operator_tenant(UUID(payloads[0]["consumer_tenant_id"])) if paid else None
    if operator is not None:
        with tenant_session(operator) as session:
            for payload in paid:
                has_creator = bool(payload.get("publisher_tenant_id"))
                billing.collect_fee(
                    session, run_id=UUID(payload["run_id"]), split=_split(payload), has_creator=has_creator
                )


def _earn(session: TenantSession, payload: dict[str, Any]) -> None:
    if _count_once(session, payload, UUID(payload["consumer_tenant_id"])) and not payload["refunded_by_platform"]:
        billing.earn(session, run_id=UUID(payload["run_id"]), split=_split(payload))


def _split(payload: dict[str, Any]) -> billing.Split:
    return billing.Split(
        price_micro_usd=payload["price_micro_usd"],
        passed_on_micro_usd=payload["passed_on_micro_usd"],
        compute_micro_usd=payload["compute_micro_usd"],
        refunded_by_platform=payload["refunded_by_platform"],
    )


def _operator_tenant(asking: UUID) -> UUID | None:
    with tenant_session(asking) as session:
        value = session.execute(text("SELECT value FROM platform.settings WHERE key = 'operator'")).scalar_one_or_none()
    return UUID(value["tenant_id"]) if value else None


def spread_grant(tenant_id: UUID, *, month: str) -> None:
    """The tenant has its plan's credit of the month, and the operator's book shows the gift."""
    with tenant_session(tenant_id) as session:
        granted = billing.grant_plan_credit(session, month=month)
    operator = _operator_tenant(tenant_id)
    if granted and operator is not None:
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
            " price_micro_usd, output_invalid, within_quote, finished_at) VALUES (:tenant, :run, :listing, :consumer, :outcome, :failure,"
            " :related, :ms, :price, :invalid, :within, :at)"
            " ON CONFLICT DO NOTHING RETURNING run_id"
        ),
        {
            "tenant": session.tenant_id,
            "run": UUID(payload["run_id"]),
            "listing": listing,
            "consumer": opaque_reference("consumer", str(session.tenant_id), str(consumer)),
            "outcome": payload["outcome"],
            "failure": payload["failure_class"],
            "related": _share_owner(session, consumer),
            "invalid": payload.get("output_invalid", False),
            "within": payload.get("within_quote"),
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


def _share_owner(session: TenantSession, consumer: UUID) -> bool:
    """True if somebody owns the creator's workspace and the consumer's: then their runs count in no figure."""
    with tenant_session(consumer) as theirs:
        return bool(tenancy.owners_of(theirs) & tenancy.owners_of(session))
