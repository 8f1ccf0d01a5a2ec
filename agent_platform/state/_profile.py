"""What the profile shows, and what its forms do, each in one transaction. All of it blocks: call it in a thread."""

from datetime import UTC, datetime

from agent_platform.core.ids import parse_bare
from agent_platform.core.policy import Caller
from agent_platform.core.settings import get_settings
from agent_platform.services import identity
from agent_platform.views.format import ago_text, browser_text, plain_text
from agent_platform.views.people import avatar_path, initials
from agent_platform.views.settings import ProfileView, SignInView

PROVIDERS = {"github": "GitHub", "email": "E-mail link", "admin_link": "Administrator's link"}


def read_profile(caller: Caller) -> ProfileView:
    """Sync: call it in a thread."""
    assert caller.user_id is not None
    user_id, now = caller.user_id, datetime.now(UTC)
    profile = identity.in_platform(identity.get_profile, user_id=user_id)
    identities = identity.in_platform(identity.list_identities, user_id=user_id)
    sessions = identity.in_platform(identity.list_sessions, user_id=user_id)
    doors = identity.sign_in_doors(get_settings())
    by_mail = [one.label for one in identities if one.provider == identity.Provider.EMAIL]
    addresses = [profile.notice_email, *by_mail] if profile.notice_email else by_mail
    return ProfileView(
        name=profile.display_name,
        initials=initials(profile.display_name),
        picture=avatar_path(user_id, profile.avatar_key),
        time_zone=profile.time_zone,
        color_mode=profile.color_mode,
        notice_email=profile.notice_email or "",
        github=doors.github,
        by_mail=doors.email,
        signs_as=[profile.display_name, *dict.fromkeys(addresses)],
        stays=identity.in_platform(identity.why_stays, user_id=user_id),
        identities=[
            SignInView(str(one.id), PROVIDERS.get(one.provider, one.provider), plain_text(one.label))
            for one in identities
        ],
        sessions=[
            SignInView(
                str(one.id),
                one.host,
                f"{browser_text(one.user_agent)}, {one.address or 'unknown address'}, seen {ago_text(one.last_seen_at, now)}",
                here=one.id == caller.session_id,
            )
            for one in sessions
        ],
    )


def save_profile(caller: Caller, *, name: str, time_zone: str, color_mode: str) -> None:
    identity.in_platform(
        identity.update_profile, user_id=caller.user_id, display_name=name, time_zone=time_zone, color_mode=color_mode
    )


def ask_notice_email(caller: Caller, *, email: str) -> None:
    identity.in_platform(identity.ask_notice_email, user_id=caller.user_id, email=email)


def ask_email_identity(caller: Caller, *, email: str) -> str:
    """The address that a link is on its way to."""
    who = {"user_id": caller.user_id, "session_id": caller.session_id}
    return identity.in_platform(identity.ask_email_identity, **who, email=email)


def confirms(profile: ProfileView, words: str) -> bool:
    """Whether this is the name or an address of the person; the service asks again."""
    typed = " ".join(words.split()).casefold()
    return typed in {one.casefold() for one in profile.signs_as}


def remove_identity(caller: Caller, *, identity_id: str) -> None:
    identity.in_platform(
        identity.remove_identity,
        user_id=caller.user_id,
        identity_id=parse_bare(identity_id),
        session_id=caller.session_id,
    )


def revoke_session(caller: Caller, *, session_id: str) -> None:
    identity.in_platform(identity.revoke_session, user_id=caller.user_id, session_id=parse_bare(session_id))


def remove_avatar(caller: Caller) -> None:
    identity.in_platform(identity.remove_avatar, user_id=caller.user_id)
