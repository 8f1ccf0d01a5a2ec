"""What a person says about themselves."""

from uuid import UUID

from agent_platform.core import mail
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.errors import InputInvalid, Problem
from agent_platform.core.ids import digest
from agent_platform.core.queue import after_commit
from agent_platform.core.settings import get_settings
from agent_platform.models.identity import CodePurpose, User
from agent_platform.services import tenancy
from agent_platform.services.identity import _trail
from agent_platform.services.identity._codes import issue_code, redeem_code
from agent_platform.services.identity._copies import copy_to_workspaces
from agent_platform.services.identity._facts import CodeFacts, Profile
from agent_platform.services.identity._rules import COLOR_MODES


def get_profile(session: PlatformSession, *, user_id: UUID) -> Profile:
    user = session.get_one(User, user_id)
    return Profile(user.id, user.display_name, user.time_zone, user.color_mode, user.notice_email, user.avatar_key)


def update_profile(
    session: PlatformSession, *, user_id: UUID, display_name: str, time_zone: str, color_mode: str
) -> Profile:
    """An empty time zone is that of the workspace the person is in. Raises: InputInvalid."""
    choose_colours(session, user_id=user_id, color_mode=color_mode)
    user = session.get_one(User, user_id)
    user.display_name = tenancy.clean_name(display_name)
    user.time_zone = tenancy.known_time_zone(time_zone) if time_zone else ""
    copy_to_workspaces(session, user_id, display_name=user.display_name)
    return get_profile(session, user_id=user_id)


def choose_colours(session: PlatformSession, *, user_id: UUID, color_mode: str) -> None:
    """Raises: InputInvalid."""
    if color_mode not in COLOR_MODES:
        sentence = f"The colour mode is one of {', '.join(COLOR_MODES)}. Nothing was changed."
        raise InputInvalid(sentence, errors=(Problem("color_mode", sentence),))
    session.get_one(User, user_id).color_mode = color_mode


def ask_notice_email(session: PlatformSession, *, user_id: UUID, email: str) -> None:
    """A link is on its way to the new address; the old one stays until it is followed. Raises: InputInvalid, Unavailable after the commit."""
    address = mail.known_address(email)
    code = issue_code(
        session,
        purpose=CodePurpose.EMAIL_CHANGE,
        host=get_settings().base_host,
        binding=digest(str(user_id)),
        carries=CodeFacts(user_id=user_id, email=address),
    )
    text = (
        "Notices of your account are to come to this address.\n\n"
        f"Confirm within 15 minutes, signed in:\n{get_settings().base_url}/auth/notice-address?code={code}\n\n"
        "If you did not ask for this, ignore this message."
    )
    after_commit(session, lambda: mail.send(to=address, subject="Confirm your notice address", text=text))


def confirm_notice_email(session: PlatformSession, *, user_id: UUID, code: str) -> str:
    """The new address, which now gets the notices; the old one gets a note. Raises: CodeRefused."""
    facts = redeem_code(
        session,
        code=code,
        purpose=CodePurpose.EMAIL_CHANGE,
        host=get_settings().base_host,
        binding=digest(str(user_id)),
    )
    assert facts.email is not None
    user = session.get_one(User, user_id)
    before, user.notice_email = user.notice_email, facts.email
    copy_to_workspaces(session, user_id, notify_email=facts.email)
    _trail.note(session, user_id, "profile.notice_email_changed", f"user:{user_id}")
    if before and before != facts.email:
        text = "Notices of your account now go to another address. If this was not you, sign in and change it back."
        after_commit(session, lambda: mail.send(to=before, subject="Your notice address was changed", text=text))
    return facts.email
