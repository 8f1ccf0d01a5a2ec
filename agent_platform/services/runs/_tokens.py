"""Run tokens: minted at the claim, stored hashed, dead with their attempt."""

from uuid import UUID

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
        text("INSERT INTO app.lookups (kind, key, tenant_id, target_id) VALUES ('run_token', :key, :tenant, :attempt)"),
        {"key": attempt.token_hash, "tenant": session.tenant_id, "attempt": attempt.id},
    )
    return token


def forget_token(session: TenantSession, attempt_id: UUID) -> None:
    session.execute(
        text("DELETE FROM app.lookups WHERE kind = 'run_token' AND tenant_id = :tenant AND target_id = :attempt"),
        {"tenant": session.tenant_id, "attempt": attempt_id},
    )
