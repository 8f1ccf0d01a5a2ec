"""Deleting an account: asked for, taken back within fourteen days. What comes after them stands in `_forgetting.py`."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import select

from agent_platform.core import mail
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.errors import InputInvalid, Problem, Unavailable
from agent_platform.core.queue import after_commit
from agent_platform.core.settings import get_settings
from agent_platform.models.identity import Identity, PlatformRole, Provider, User
from agent_platform.services import tenancy
from agent_platform.services.identity import _trail
from agent_platform.services.identity._operator import ROLE
from agent_platform.services.identity._sessions import end_all_sessions
from agent_platform.services.identity.errors import OperatorStays, SoleOwner

TIME_TO_UNDO = timedelta(days=14)


def request_deletion(session: PlatformSession, *, user_id: UUID, confirmation: str) -> datetime:
    """When the account will be deleted; everybody is signed out of it now, and its API keys open nothing meanwhile.

    `confirmation` is the person's name or an address of theirs. Asking again changes no date.
    Raises: InputInvalid for other words, SoleOwner, OperatorStays.
    """
    user = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    _refuse_unconfirmed(session, user, confirmation)
    _refuse_needed(session, user_id)
    if user.delete_at is None:
        user.delete_at = at = session.execute(select(func.now() + TIME_TO_UNDO)).scalar_one()
        _trail.note(session, user_id, "account.deletion_requested", f"user:{user_id}", at=at.isoformat())
        _tell(session, user)
    end_all_sessions(session, user_id=user_id)
    assert user.delete_at is not None
    return user.delete_at


def why_stays(session: PlatformSession, *, user_id: UUID) -> str:
    """The sentence with which a wish to leave would be refused now; empty if nothing is in the way."""
    try:
        _refuse_needed(session, user_id)
    except (SoleOwner, OperatorStays) as reason:
        return reason.sentence.removesuffix(" Nothing was changed.")
    return ""


def keep_account(session: PlatformSession, *, user_id: UUID) -> None:
    """The account stays; its API keys open again what they opened before. Does nothing for one that nobody wants to leave."""
    user = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    if user.delete_at is not None and user.deleted_at is None:
        user.delete_at = None
        _trail.note(session, user_id, "account.kept", f"user:{user_id}")


def _refuse_needed(session: PlatformSession, user_id: UUID) -> None:
    if session.get(PlatformRole, (user_id, ROLE)):
        raise OperatorStays
    if alone := tenancy.list_solely_owned(session, user_id=user_id):
        raise SoleOwner(alone)


def _refuse_unconfirmed(session: PlatformSession, user: User, confirmation: str) -> None:
    own = select(Identity.label).where(Identity.user_id == user.id, Identity.provider == Provider.EMAIL)
    right = {user.display_name, user.notice_email or "", *session.exec(own)} - {""}
    if " ".join(confirmation.split()).casefold() not in {words.casefold() for words in right}:
        sentence = f"Type your name, {user.display_name}, to confirm. Nothing was changed."
        raise InputInvalid(sentence, errors=(Problem("confirmation", sentence),))


def _tell(session: PlatformSession, user: User) -> None:
    if user.notice_email is None:
        return
    address, day = user.notice_email, f"{user.delete_at:%d %B %Y, %H:%M} UTC"
    text = (
        f"Your account will be deleted on {day}. Until then you are signed out everywhere and your API keys do not work.\n\n"
        f"If you want to keep it, or if this was not you, sign in before that and press Keep my account:\n"
        f"{get_settings().base_url}/sign-in"
    )

    def send() -> None:
        with suppress(Unavailable):  # the date is set: a mail server that is away changes nothing about it
            mail.send(to=address, subject="Your account will be deleted", text=text)

    after_commit(session, send)
