"""One chain of entries per tenant: each hash covers the entry and the hash before it."""

import hashlib
import json
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlmodel import col, select

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.trust import AuditEntry

LOCK = 7_201_002
FIRST_PREVIOUS = ""
AFTER_LAST = text(
    "SELECT greatest(clock_timestamp(), (SELECT max(created_at) FROM app.audit_log WHERE tenant_id = :tenant_id))"
)


def record(session: TenantSession, *, actor: str, action: str, subject: str, **detail: Any) -> None:
    """The entry is the tenant's newest, in the caller's transaction. Entries of one tenant wait for each other until commit."""
    tenant_id = session.tenant_id
    session.execute(
        text("SELECT pg_advisory_xact_lock(:lock, hashtext(:tenant))"), {"lock": LOCK, "tenant": str(tenant_id)}
    )
    last = session.exec(_newest_first(tenant_id).limit(1)).first()
    entry = AuditEntry(
        tenant_id=tenant_id,
        created_at=session.execute(AFTER_LAST, {"tenant_id": tenant_id}).scalar_one(),
        seq=last.seq + 1 if last else 1,
        actor=actor,
        action=action,
        subject=subject,
        detail=_storable(detail),
        previous_hash=last.hash if last else FIRST_PREVIOUS,
        hash="",
    )
    entry.hash = _hash(entry)
    session.execute(insert(AuditEntry).values(**entry.model_dump()))


def verify_chain(session: TenantSession) -> int | None:
    """The number of the first entry that was changed, removed or slipped in; None when the chain is whole."""
    expected, previous = 1, FIRST_PREVIOUS
    in_order = select(AuditEntry).where(AuditEntry.tenant_id == session.tenant_id).order_by(col(AuditEntry.seq))
    with closing(session.exec(in_order.execution_options(yield_per=500))) as entries:
        for entry in entries:
            if (entry.seq, entry.previous_hash, entry.hash) != (expected, previous, _hash(entry)):
                return expected
            expected, previous = entry.seq + 1, entry.hash
    return None


def list_entries(session: TenantSession, *, before_seq: int | None = None, limit: int = 50) -> list[AuditEntry]:
    """Newest first; the next page starts before the last entry's number."""
    query = _newest_first(session.tenant_id)
    if before_seq is not None:
        query = query.where(AuditEntry.seq < before_seq)
    return list(session.exec(query.limit(limit)))


def _newest_first(tenant_id: UUID) -> Any:
    return (
        select(AuditEntry)
        .where(AuditEntry.tenant_id == tenant_id)
        .order_by(col(AuditEntry.created_at).desc(), col(AuditEntry.seq).desc())
    )


def _storable(detail: dict[str, Any]) -> dict[str, Any]:
    # jsonb rewrites fractions and refuses NUL: either would part the stored entry from its hash
    plain = json.loads(json.dumps(detail, default=str), parse_float=str, parse_constant=str)
    return _without_nul(plain)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value


def _hash(entry: AuditEntry) -> str:
    said = {
        "tenant_id": str(entry.tenant_id),
        "seq": entry.seq,
        "created_at": _utc(entry.created_at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((entry.previous_hash + canonical).encode()).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
