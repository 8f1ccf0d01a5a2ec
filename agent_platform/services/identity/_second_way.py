"""A second way in by mail: the address becomes a sign-in once the link sent to it is followed by the same person."""

from uuid import UUID

from agent_platform.core import mail
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.ids import digest
from agent_platform.core.queue import after_commit
from agent_platform.core.settings import get_settings
from agent_platform.models.identity import CodePurpose, Provider
from agent_platform.services.identity._codes import issue_code, redeem_code
from agent_platform.services.identity._facts import CodeFacts
from agent_platform.services.identity._sessions import refuse_stale
from agent_platform.services.identity._sign_in import add_identity

ADD_EMAIL = "/auth/email/add"  # where the link leads: only there is the person asked, signed in


def ask_email_identity(session: PlatformSession, *, user_id: UUID, session_id: UUID, email: str) -> str:
    """The address; a link is on its way to it, whether it belongs to somebody or not.

    Raises: InputInvalid, SignInTooOld, Unavailable after the commit.
    """
    address = mail.known_address(email)
    refuse_stale(session, session_id=session_id)
    code = issue_code(
        session,
        purpose=CodePurpose.EMAIL_LINK,
        host=get_settings().base_host,
        binding=digest(str(user_id)),
        carries=CodeFacts(user_id=user_id, email=address),
    )
    text = (
        "Somebody, hopefully you, wants to sign in to their account on Agent Platform with this address too.\n\n"
        f"Confirm within 15 minutes, signed in:\n{get_settings().base_url}{ADD_EMAIL}?code={code}\n\n"
        "If it was not you, ignore this message: nothing is added without it."
    )
    after_commit(session, lambda: mail.send(to=address, subject="Add this address to your account", text=text))
    return address


def confirm_email_identity(session: PlatformSession, *, user_id: UUID, code: str) -> str:
    """The address, by which the person can sign in from now on. Raises: CodeRefused, IdentityTaken."""
    facts = redeem_code(
        session,
        code=code,
        purpose=CodePurpose.EMAIL_LINK,
        host=get_settings().base_host,
        binding=digest(str(user_id)),
    )
    assert facts.email is not None
    add_identity(session, user_id=user_id, provider=Provider.EMAIL, subject=facts.email, label=facts.email)
    return facts.email
