"""From a proven identity to a person. The key is (provider, the provider's own id); addresses and logins are display text."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.ids import new_id
from agent_platform.models.identity import Identity, Provider, User
from agent_platform.services import tenancy
from agent_platform.services.identity import _trail
from agent_platform.services.identity._facts import IdentityFacts
from agent_platform.services.identity._sessions import end_other_sessions
from agent_platform.services.identity.errors import AccountBanned, IdentityTaken, LastIdentity

LONGEST_LABEL = 254


def sign_in(
    session: PlatformSession,
    *,
    provider: Provider,
    subject: str,
    label: str,
    display_name: str,
    email: str | None = None,
) -> User:
    """The person behind the identity, made with a personal workspace at the first sign-in. Raises: AccountBanned."""
    identity = _find(session, provider, subject)
    if identity is None:
        return _welcome(session, provider, subject, label, _person(display_name, label, email))
    user = session.get_one(User, identity.user_id)
    if user.banned_at is not None:
        raise AccountBanned
    identity.label = label[:LONGEST_LABEL]
    if tenancy.is_unfinished(session, user.id):
        tenancy.finish_creation(session, tenant_id=user.id, owner_id=user.id)
    return user


def add_identity(session: PlatformSession, *, user_id: UUID, provider: Provider, subject: str, label: str) -> None:
    """The person can also sign in by this identity. Raises: IdentityTaken. The caller has checked that the sign-in is fresh."""
    if _store(session, user_id, provider, subject, label):
        _trail.note(session, user_id, "identity.added", f"{provider}:{subject}", label=label)
        return
    identity = _find(session, provider, subject)
    if identity is None or identity.user_id != user_id:
        raise IdentityTaken


def list_identities(session: PlatformSession, *, user_id: UUID) -> list[IdentityFacts]:
    """Oldest first."""
    query = select(Identity).where(Identity.user_id == user_id).order_by(col(Identity.created_at), col(Identity.id))
    return [IdentityFacts(row.id, row.provider, row.label, row.created_at) for row in session.exec(query)]


def remove_identity(session: PlatformSession, *, user_id: UUID, identity_id: UUID, session_id: UUID) -> None:
    """It opens no door any more; other browsers of the person are signed out. Raises: LastIdentity."""
    session.exec(select(User.id).where(User.id == user_id).with_for_update()).one()
    own = session.exec(select(Identity).where(Identity.user_id == user_id)).all()
    identity = next((row for row in own if row.id == identity_id), None)
    if identity is None:
        return
    if len(own) == 1:
        raise LastIdentity
    session.delete(identity)
    end_other_sessions(session, user_id=user_id, session_id=session_id)
    _trail.note(session, user_id, "identity.removed", f"{identity.provider}:{identity.subject}", label=identity.label)


def _welcome(session: PlatformSession, provider: Provider, subject: str, label: str, user: User) -> User:
    session.add(user)
    session.flush()
    if not _store(session, user.id, provider, subject, label):
        # somebody with the same identity was quicker by a moment: theirs is the account
        session.delete(user)
        session.flush()
        winner = _find(session, provider, subject)
        assert winner is not None
        return session.get_one(User, winner.user_id)
    _make_personal_workspace(session, user, wanted=label.partition("@")[0])
    return user


def _make_personal_workspace(session: PlatformSession, user: User, *, wanted: str) -> None:
    slug = tenancy.slug_for(session, wanted)
    tenancy.create_tenant(session, slug=slug, name=user.display_name, owner_id=user.id, is_personal=True)


def _person(display_name: str, label: str, email: str | None) -> User:
    shown = " ".join(display_name.split())[:80] or label.partition("@")[0][:80]
    return User(id=new_id(), display_name=tenancy.clean_name(shown), notice_email=email)


def _find(session: PlatformSession, provider: Provider, subject: str) -> Identity | None:
    return session.exec(select(Identity).where(Identity.provider == provider, Identity.subject == subject)).first()


def _store(session: PlatformSession, user_id: UUID, provider: Provider, subject: str, label: str) -> bool:
    values = {
        "id": new_id(),
        "user_id": user_id,
        "provider": provider,
        "subject": subject,
        "label": label[:LONGEST_LABEL],
    }
    made = session.execute(insert(Identity).values(**values).on_conflict_do_nothing().returning(col(Identity.id)))
    return made.first() is not None
