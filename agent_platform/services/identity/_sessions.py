"""Sessions: one per browser and host, ended together when the browser signs out."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from agent_platform.core import live
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import digest, new_secret
from agent_platform.core.policy import Caller
from agent_platform.core.settings import get_settings
from agent_platform.models.identity import PlatformRole, User, UserSession
from agent_platform.models.tenancy import Feature, Membership, Role, Tenant
from agent_platform.services.identity import _trail
from agent_platform.services.identity._facts import Browser, SessionFacts
from agent_platform.services.identity._rules import host_name, slug_of_host
from agent_platform.services.identity.errors import AccountBanned, CodeRefused, SignInTooOld

IDLE = timedelta(hours=24)
ABSOLUTE = timedelta(days=14)
SEEN_EVERY = timedelta(minutes=1)
FRESH = timedelta(minutes=10)
LONGEST_USER_AGENT = 300


def open_session(session: PlatformSession, *, user_id: UUID, browser: Browser, root_id: UUID | None = None) -> str:
    """The token of a new session on the browser's host. One handed over from a root session ends with it and not later. Raises: AccountBanned, CodeRefused when the root has ended."""
    user = session.get_one(User, user_id)
    if user.banned_at is not None or user.deleted_at is not None:
        raise AccountBanned
    ended = col(UserSession.absolute_expires_at) <= func.now()
    session.execute(delete(UserSession).where(col(UserSession.user_id) == user_id, ended))
    token, now = new_secret(), session.execute(select(func.now())).scalar_one()
    root = _living_root(session, root_id) if root_id else None
    ends_at = min(now + ABSOLUTE, root.absolute_expires_at) if root else now + ABSOLUTE
    row = UserSession(
        token_hash=digest(token),
        root_id=root_id,
        user_id=user_id,
        host=host_name(browser.host),
        epoch=user.session_epoch,
        idle_expires_at=min(now + IDLE, ends_at),
        absolute_expires_at=ends_at,
        user_agent=browser.user_agent[:LONGEST_USER_AGENT],
        address=browser.address,
    )
    session.add(row)
    session.flush()
    _trail.note(session, user_id, "session.opened", f"session:{row.id}", host=row.host, address=row.address)
    return token


def find_caller(session: PlatformSession, *, token_hash: str, host: str) -> Caller | None:
    """Who acts, with their role in the host's workspace; None unless the token is a living session of exactly this host."""
    found = session.execute(_whole_caller(token_hash, host)).one_or_none()
    if found is None:
        return None
    if found.seen_long_ago:
        _touch(session, token_hash)
    role = found.role
    return Caller(
        user_id=found.user_id,
        user_name=found.display_name,
        tenant_id=found.tenant_id,
        tenant_slug=found.slug,
        role=role,
        features=tuple(Feature) if role == Role.OWNER else tuple(found.features or ()),
        session_id=found.session_id,
        time_zone=found.own_zone or (found.workspace_zone if role else None) or "UTC",
        color_mode=found.color_mode,
        platform_roles=tuple(found.platform_roles or ()),
        delete_at=found.delete_at,
        avatar_key=found.avatar_key,
    )


def end_session(session: PlatformSession, *, token: str) -> None:
    """The browser is signed out on every host that its sign-in was handed to. Nothing happens for an unknown token."""
    row = session.get(UserSession, digest(token))
    if row is not None:
        _end(session, row.user_id, _family(row))


def revoke_session(session: PlatformSession, *, user_id: UUID, session_id: UUID) -> None:
    """That browser of this person is signed out. Raises: NotFound for somebody else's session."""
    row = session.exec(select(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id)).first()
    if row is None:
        raise NotFound("This session has ended already. Reload the list.")
    _end(session, user_id, _family(row))


def end_all_sessions(session: PlatformSession, *, user_id: UUID) -> None:
    """The person is signed out everywhere; a session opened in the same moment is dead too."""
    session.execute(update(User).where(col(User.id) == user_id).values(session_epoch=User.session_epoch + 1))
    _end(session, user_id, col(UserSession.user_id) == user_id)


def end_other_sessions(session: PlatformSession, *, user_id: UUID, session_id: UUID) -> None:
    """Only the browser of `session_id` stays signed in."""
    row = session.exec(select(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id)).one()
    _end(session, user_id, and_(col(UserSession.user_id) == user_id, ~_family(row)))


def list_sessions(session: PlatformSession, *, user_id: UUID) -> list[SessionFacts]:
    """Living sessions, last seen first."""
    query = (
        select(UserSession)
        .join(User, and_(col(User.id) == UserSession.user_id, col(User.session_epoch) == UserSession.epoch))
        .where(UserSession.user_id == user_id, *_is_alive())
        .order_by(col(UserSession.last_seen_at).desc())
    )
    return [
        SessionFacts(row.id, row.host, row.user_agent, row.address, row.created_at, row.last_seen_at)
        for row in session.exec(query)
    ]


def refuse_stale(session: PlatformSession, *, session_id: UUID) -> None:
    """Returns if the person proved who they are in the last 10 minutes; a hand-over between hosts is no proof. Raises: SignInTooOld."""
    row = session.exec(select(UserSession).where(UserSession.id == session_id)).first()
    root_id = (row.root_id or row.id) if row else None
    fresh = select(UserSession.id).where(
        UserSession.id == root_id, col(UserSession.created_at) > func.now() - FRESH, *_is_alive()
    )
    if root_id is None or session.exec(fresh).first() is None:
        raise SignInTooOld


def _living_root(session: PlatformSession, root_id: UUID) -> UserSession:
    root = session.exec(select(UserSession).where(UserSession.id == root_id, *_is_alive()).with_for_update()).first()
    if root is None:
        raise CodeRefused
    return root


def _whole_caller(token_hash: str, host: str):  # noqa: ANN202  # one statement, so that session, membership and roles are of one moment
    slug = slug_of_host(host, get_settings())
    own_roles = col(PlatformRole.user_id) == User.id
    roles = select_columns(func.array_agg(PlatformRole.role)).where(own_roles).scalar_subquery()
    return (
        select_columns(
            col(UserSession.id).label("session_id"),
            (col(UserSession.last_seen_at) < func.now() - SEEN_EVERY).label("seen_long_ago"),
            col(User.id).label("user_id"),
            col(User.display_name),
            col(User.time_zone).label("own_zone"),
            col(User.color_mode),
            col(User.delete_at),
            col(User.avatar_key),
            col(Tenant.id).label("tenant_id"),
            col(Tenant.slug),
            col(Tenant.time_zone).label("workspace_zone"),
            col(Membership.role),
            col(Membership.features),
            roles.label("platform_roles"),
        )
        .join(User, and_(col(User.id) == UserSession.user_id, col(User.session_epoch) == UserSession.epoch))
        .outerjoin(Tenant, and_(col(Tenant.slug) == slug, col(Tenant.deleted_at).is_(None)))
        .outerjoin(Membership, and_(col(Membership.tenant_id) == Tenant.id, col(Membership.user_id) == User.id))
        .where(
            col(UserSession.token_hash) == token_hash,
            col(UserSession.host) == host_name(host),
            col(User.banned_at).is_(None),
            *_is_alive(),
        )
    )


def _is_alive() -> tuple[ColumnElement[bool], ...]:
    return col(UserSession.idle_expires_at) > func.now(), col(UserSession.absolute_expires_at) > func.now()


def _touch(session: PlatformSession, token_hash: str) -> None:
    session.execute(
        update(UserSession)
        .where(col(UserSession.token_hash) == token_hash)
        .values(
            last_seen_at=func.now(),
            idle_expires_at=func.least(func.now() + IDLE, UserSession.absolute_expires_at),
        )
    )


def _family(row: UserSession) -> ColumnElement[bool]:
    return func.coalesce(UserSession.root_id, UserSession.id) == (row.root_id or row.id)


def _end(session: PlatformSession, user_id: UUID, which: ColumnElement[bool]) -> None:
    ended = session.scalars(delete(UserSession).where(which).returning(col(UserSession.id))).all()
    if ended:
        live.publish_after_commit(session, *(f"session:{session_id}" for session_id in ended))
        _trail.note(session, user_id, "session.ended", f"user:{user_id}", sessions=len(ended))
