"""How keys end: nobody finds their workspace from them any more, and their row says since when."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlmodel import col, select

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.tenancy import ApiKey, Lookup, LookupKind


def end_keys(session: TenantSession, keys: Sequence[ApiKey]) -> None:
    """From the commit on they open nothing; what was remembered of them is forgotten within a second."""
    session.execute(
        delete(Lookup).where(
            col(Lookup.kind) == LookupKind.API_KEY, col(Lookup.key).in_([key.key_hash for key in keys])
        )
    )
    session.execute(
        update(ApiKey)
        .where(col(ApiKey.tenant_id) == session.tenant_id, col(ApiKey.id).in_([key.id for key in keys]))
        .values(revoked_at=func.now())
    )


def end_keys_of(session: TenantSession, user_id: UUID) -> int:
    """All keys this person made here have ended. How many there were."""
    mine = session.exec(select(ApiKey).where(ApiKey.made_by_user_id == user_id, col(ApiKey.revoked_at).is_(None))).all()
    if mine:
        end_keys(session, mine)
    return len(mine)
