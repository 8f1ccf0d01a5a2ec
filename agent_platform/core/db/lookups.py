"""From an opaque outside key to its tenant, before a tenant is known. Which kinds a role may look up is decided by its policy."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.engine import engine_of, serving_role


@dataclass(frozen=True)
class Found:
    """`number` says which of the target's parts is meant: the attempt of a run. `seconds_left` is None for a key without end."""

    kind: str
    tenant_id: UUID
    target_id: UUID
    number: int | None
    seconds_left: float | None


def find(kinds: tuple[str, ...], key: str) -> Found | None:
    """The tenant and thing behind a live key; None for unknown, expired and forbidden alike."""
    with engine_of(serving_role()).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        row = connection.execute(FIND, {"kinds": list(kinds), "key": key}).one_or_none()
    return Found(*row) if row else None


FIND = text(
    "SELECT kind, tenant_id, target_id, number, CAST(extract(epoch FROM expires_at - now()) AS float) FROM app.lookups WHERE kind = ANY(:kinds) AND key = :key"
    " AND (expires_at IS NULL OR expires_at > now())"
)
