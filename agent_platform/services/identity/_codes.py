"""One-time codes: 256 bits, stored hashed, ended by their first use."""

from datetime import timedelta

from sqlalchemy import delete, func
from sqlmodel import col, select

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.ids import digest, new_secret
from agent_platform.models.identity import CodePurpose, OneTimeCode
from agent_platform.services.identity._facts import CodeFacts
from agent_platform.services.identity._rules import host_name
from agent_platform.services.identity.errors import CodeRefused

# Source: security document, sections 5.1, 5.3 and 7.3
VALID = {
    CodePurpose.OAUTH: timedelta(minutes=10),
    CodePurpose.HAND_OFF: timedelta(seconds=60),
    CodePurpose.ADMIN: timedelta(minutes=10),
    CodePurpose.EMAIL: timedelta(minutes=15),
    CodePurpose.EMAIL_CHANGE: timedelta(minutes=15),
    CodePurpose.EMAIL_LINK: timedelta(minutes=15),
}


def issue_code(
    session: PlatformSession, *, purpose: CodePurpose, host: str, carries: CodeFacts, binding: str | None = None
) -> str:
    """A code that works once, for this purpose, on this host, with this binding (the hash of a cookie), for as long as its purpose allows."""
    session.execute(delete(OneTimeCode).where(col(OneTimeCode.expires_at) < func.now()))
    code = new_secret()
    session.add(
        OneTimeCode(
            hash=digest(code),
            purpose=purpose,
            host=host_name(host),
            user_id=carries.user_id,
            email=carries.email,
            session_id=carries.session_id,
            binding=binding,
            next_path=carries.next_path,
            expires_at=session.execute(select(func.now() + VALID[purpose])).scalar_one(),
        )
    )
    session.flush()
    return code


def redeem_code(
    session: PlatformSession, *, code: str, purpose: CodePurpose, host: str, binding: str | None = None
) -> CodeFacts:
    """What the code carries; it is gone. One that does not fit stays, so that a stranger cannot use it up. Raises: CodeRefused."""
    found = session.execute(
        delete(OneTimeCode)
        .where(
            col(OneTimeCode.hash) == digest(code),
            col(OneTimeCode.purpose) == purpose,
            col(OneTimeCode.host) == host_name(host),
            col(OneTimeCode.binding).is_not_distinct_from(binding),
            col(OneTimeCode.expires_at) > func.now(),
        )
        .returning(
            col(OneTimeCode.user_id), col(OneTimeCode.email), col(OneTimeCode.next_path), col(OneTimeCode.session_id)
        )
    ).one_or_none()
    if found is None:
        raise CodeRefused
    return CodeFacts(*found)
