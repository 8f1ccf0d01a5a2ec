"""What beat does about accounts whose fourteen days are over: nothing tells any more who they were, and what refers to them stays.

The worker may read little of people and signs nobody in, so every statement names its columns.
"""

from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, delete, func, update
from sqlmodel import col, select

from agent_platform.core import objects
from agent_platform.core.db.tenant import PublicSession, public_session, tenant_session
from agent_platform.models.identity import Identity, OneTimeCode, PlatformRole, User, UserSession
from agent_platform.models.tenancy import Membership
from agent_platform.services import audit, tenancy
from agent_platform.services.identity._avatars import avatar_folder

NOBODY = "Deleted person"
MOST_AT_ONCE = 50
PLATFORM = "platform"
log = structlog.get_logger()


def forget_leavers() -> int:
    """Safe to repeat; one that fails holds up no other and is found again. Returns how many people were forgotten."""
    with public_session() as session:
        due = session.exec(select(User.id).where(_is_due()).order_by(col(User.delete_at)).limit(MOST_AT_ONCE)).all()
    return sum(_forget(user_id) for user_id in due)


def _forget(user_id: UUID) -> bool:
    try:
        with public_session() as session:
            if not _empty(session, user_id):
                return False
            avatar = session.exec(select(User.avatar_key).where(User.id == user_id)).one()
            workspaces = session.exec(select(Membership.tenant_id).where(Membership.user_id == user_id)).all()
        if avatar:
            objects.delete(avatar_folder(user_id), avatar)
        for tenant_id in workspaces:
            with tenant_session(tenant_id) as inside:
                tenancy.end_membership(inside, user_id=user_id)
        return _finish(user_id)
    except Exception:
        log.exception("account_not_forgotten", user_id=str(user_id))
        return False


def _empty(session: PublicSession, user_id: UUID) -> bool:
    """From this commit on nobody can sign in or take it back. False for one that was kept in this moment."""
    emptied = session.execute(
        update(User)
        .where(col(User.id) == user_id, _is_due())
        .values(
            display_name=NOBODY,
            notice_email=None,
            time_zone="",
            color_mode="system",
            session_epoch=User.session_epoch + 1,
            deleted_at=func.coalesce(User.deleted_at, func.now()),
        )
        .execution_options(synchronize_session=False)
    )
    if not emptied.rowcount:  # pyright: ignore[reportAttributeAccessIssue]
        return False
    for table in (Identity, UserSession, OneTimeCode, PlatformRole):
        session.execute(delete(table).where(col(table.user_id) == user_id).execution_options(synchronize_session=False))
    return True


def _finish(user_id: UUID) -> bool:
    with public_session() as session:
        done = session.execute(
            update(User)
            .where(col(User.id) == user_id, col(User.deleted_at).is_not(None), col(User.delete_at).is_not(None))
            .values(delete_at=None, avatar_key=None)
            .execution_options(synchronize_session=False)
        )
    forgotten = bool(done.rowcount)  # pyright: ignore[reportAttributeAccessIssue]
    if forgotten:
        with tenant_session(user_id) as inside:
            audit.record(inside, actor=PLATFORM, action="account.deleted", subject=f"user:{user_id}")
    return forgotten


def _is_due() -> ColumnElement[bool]:
    return col(User.delete_at) <= func.now()
