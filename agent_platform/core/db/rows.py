"""One row of the workspace at hand, by its id."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound

Row = TypeVar("Row")


def lock_row(session: TenantSession, kind: type[Row], row_id: UUID, *, called: str) -> Row:
    """The row, locked until commit. Raises: NotFound, in which people read what it is `called`."""
    table: Any = kind
    query = select(kind).where(table.tenant_id == session.tenant_id, table.id == row_id).with_for_update()
    row = session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound(f"This {called} does not exist, or it belongs to another workspace.")
    return row
