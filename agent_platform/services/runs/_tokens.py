"""Run tokens: minted at the claim, stored hashed, renewed with the lease, dead with their attempt.

Source: security document, section 7.3: min(time limit of the run + 60 s, 1 h).
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from agent_platform.core.db.tenant import tenant_session

TOKEN_LIFE = {"slack": 60, "most": 3_600}  # seconds
# Parts of the statements that move a run's place in the queue: its token is known with the claim and forgotten with the end. Places
# are locked first, as in RENEW.
KNOW = (
    "INSERT INTO app.lookups (kind, key, tenant_id, target_id, number, expires_at)"
    " SELECT 'run_token', minted.key, :tenant, claimed.run_id, minted.number, claimed.token_until"
    " FROM claimed JOIN minted ON minted.run_id = claimed.run_id"
)
FORGET = "DELETE FROM app.lookups WHERE kind = 'run_token' AND key = :key AND tenant_id = :tenant"
RENEW = text(
    "WITH renewed AS (SELECT r.id, r.attempt, now() + make_interval(secs => least(r.timeout_seconds + :slack, :most)) AS until"
    " FROM app.runs r WHERE r.tenant_id = :tenant AND r.id = ANY(:runs)),"
    " keys AS (UPDATE app.lookups l SET expires_at = renewed.until FROM renewed WHERE l.kind = 'run_token' AND l.tenant_id = :tenant"
    " AND l.target_id = renewed.id AND l.number = renewed.attempt)"
    " UPDATE app.dispatch d SET token_until = renewed.until FROM renewed WHERE d.tenant_id = :tenant AND d.run_id = renewed.id"
)


def renew_tokens(due: Iterable[Any]) -> None:
    """Tokens of living attempts that are about to end live on. `due`: rows with tenant_id and run_id."""
    by_tenant: dict[Any, list[Any]] = {}
    for row in due:
        by_tenant.setdefault(row.tenant_id, []).append(row.run_id)
    for tenant_id, run_ids in by_tenant.items():
        with tenant_session(tenant_id) as session:
            session.execute(RENEW, {"tenant": tenant_id, "runs": run_ids} | TOKEN_LIFE)
