"""Each workspace keeps its own copy of what its members see of a person."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.queue import after_commit
from agent_platform.models.tenancy import Membership
from agent_platform.services import tenancy


def copy_to_workspaces(session: PlatformSession, user_id: UUID, **values: str | None) -> None:
    """After this commit every workspace of the person shows these values."""
    workspaces = tenancy.list_workspaces(session, user_id=user_id)

    def copy() -> None:
        for workspace in workspaces:
            with tenant_session(workspace.id) as inside:
                inside.execute(update(Membership).where(col(Membership.user_id) == user_id).values(**values))

    after_commit(session, copy)
