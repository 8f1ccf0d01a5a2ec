"""Run tokens: minted at the claim, stored hashed, dead with their attempt."""

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import digest
from agent_platform.core.tokens import new_run_token
from agent_platform.models.runs import RunAttempt


def mint_token(session: TenantSession, attempt: RunAttempt) -> str:
    """The attempt can be spoken for by whoever holds the returned token."""
    token = new_run_token()
    attempt.token_hash = digest(token)
    session.execute(
        text(
            "INSERT INTO app.lookups (kind, key, tenant_id, target_id, number) VALUES ('run_token', :key, :tenant, :run, :number)"
        ),
        {
            "key": attempt.token_hash,
            "tenant": session.tenant_id,
            "run": attempt.run_id,
            "number": attempt.number,
        },
    )
    return token


def forget_token(session: TenantSession, attempt: RunAttempt) -> None:
    """Nobody can speak for the attempt any more."""
    if attempt.token_hash is None:
        return
    session.execute(
        text("DELETE FROM app.lookups WHERE kind = 'run_token' AND key = :key AND tenant_id = :tenant"),
        {"key": attempt.token_hash, "tenant": session.tenant_id},
    )
