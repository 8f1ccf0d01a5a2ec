"""What becomes of an upload: kept from the first run on that names it, in its input or in an answer to it, or deleted."""

from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from agent_platform.core import ids, objects
from agent_platform.core.db.tenant import TenantSession, public_session, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.services.runs._input import file_ids

log = structlog.get_logger()
MOST_TENANTS, MOST_AT_ONCE = 500, 200
# An upload is refused from its last second on and deleted a little later: whatever took it in time has ended by then.
# Bytes are named by their content: the same ones may have been stored again a moment ago, for a row that comes yet.
SETTLED_SECONDS = 300
# In one order, so that two runs that name the same files wait for each other and do not block each other.
KEEP = text(
    "UPDATE app.run_files f SET expires_at = NULL FROM (SELECT id FROM app.run_files"
    " WHERE tenant_id = :tenant AND id = ANY(:ids) AND expires_at > now() ORDER BY id FOR NO KEY UPDATE) taken"
    " WHERE f.tenant_id = :tenant AND f.id = taken.id"
)
TENANTS_DUE = text(
    "SELECT tenant_id FROM app.run_files WHERE expires_at <= now() - make_interval(secs => :settled)"
    " GROUP BY tenant_id ORDER BY min(expires_at) LIMIT :most"
)
# The condition stands there twice: the outer one is asked again of a row that a run has kept meanwhile.
DELETE = text(
    "DELETE FROM app.run_files WHERE tenant_id = :tenant AND expires_at <= now() - make_interval(secs => :settled)"
    " AND id = ANY(ARRAY(SELECT id FROM app.run_files WHERE tenant_id = :tenant"
    " AND expires_at <= now() - make_interval(secs => :settled) ORDER BY expires_at LIMIT :most)) RETURNING sha256"
)
DROP = text("DELETE FROM app.run_files WHERE tenant_id = :tenant AND id = :id AND expires_at IS NOT NULL RETURNING id")
WANTED = text(
    "SELECT sha256 FROM app.run_files WHERE tenant_id = :tenant AND sha256 = ANY(:bytes)"
    " UNION SELECT digest FROM app.agent_versions WHERE tenant_id = :tenant AND digest = ANY(:bytes)"
)


def keep_named(session: TenantSession, given: dict[str, Any]) -> None:
    """The uploads that an input or an answer names are kept from this commit on.

    This waits for a sweep that is deleting one of them: afterwards that one is not there.
    """
    named = [file_id for value in file_ids(given) if (file_id := _id_of(value))]
    if named:
        session.execute(KEEP, {"tenant": session.tenant_id, "ids": named})


def sweep_uploads(*, settled_seconds: float = SETTLED_SECONDS) -> int:
    """Safe to repeat, and beside runs that start. Returns how many uploads that no run took in their time were deleted."""
    with public_session() as session:
        due = session.execute(TENANTS_DUE, {"settled": settled_seconds, "most": MOST_TENANTS}).scalars().all()
    return sum(_sweep(tenant_id, settled_seconds) for tenant_id in due)


def drop_unused(session: TenantSession, file_id: UUID) -> bool:
    """No row of this upload is left. False for one that a run took, or that is gone already."""
    values = {"tenant": session.tenant_id, "id": file_id}
    return session.execute(DROP, values).first() is not None


def wanted_bytes(session: TenantSession, sha256s: set[str]) -> set[str]:
    """Those that a row of the workspace names."""
    values = {"tenant": session.tenant_id, "bytes": list(sha256s)}
    return set(session.execute(WANTED, values).scalars())


def _sweep(tenant_id: UUID, settled_seconds: float) -> int:
    """Bytes go before the commit: what is cut off in between leaves rows that nobody may name and the next sweep finds."""
    deleted, last = 0, MOST_AT_ONCE
    try:
        while last == MOST_AT_ONCE:
            with tenant_session(tenant_id) as session:
                values = {"tenant": tenant_id, "settled": settled_seconds, "most": MOST_AT_ONCE}
                gone = session.execute(DELETE, values).scalars().all()
                _collect(session, set(gone))
            last = len(gone)
            deleted += last
    except Exception:
        log.exception("uploads_not_swept", tenant_id=str(tenant_id))
    return deleted


def _collect(session: TenantSession, sha256s: set[str]) -> None:
    """Of bytes whose row is gone, those that no other row of the workspace names are deleted too, unless written just now."""
    for sha256 in sha256s - wanted_bytes(session, sha256s):
        objects.delete_untouched_one(objects.tenant_folder(session.tenant_id), sha256, seconds=SETTLED_SECONDS)


def _id_of(shown_id: str) -> UUID | None:
    try:
        return ids.parse("file", shown_id)
    except NotFound:
        return None
