"""Audit entries about people: they stand in the person's own workspace."""

from typing import Any
from uuid import UUID

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.queue import after_commit
from agent_platform.services import audit


def note(session: PlatformSession, user_id: UUID, action: str, subject: str, **detail: Any) -> None:
    """After this commit the entry is the newest of the personal workspace, which carries the person's id."""
    after_commit(session, lambda: _write(user_id, action, subject, detail))


def _write(user_id: UUID, action: str, subject: str, detail: dict[str, Any]) -> None:
    with tenant_session(user_id) as inside:
        audit.record(inside, actor=f"user:{user_id}", action=action, subject=subject, **detail)
