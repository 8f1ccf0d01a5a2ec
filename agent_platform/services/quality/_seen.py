"""What the runs of daily tests showed of an agent beyond passing: whom it asked."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import tenancy

SEEN = text(
    "SELECT t.listing_id, coalesce(array_agg(DISTINCT e.host) FILTER (WHERE e.host IS NOT NULL), '{}') AS hosts,"
    " bool_or(r.approval_count > 0) AS asks_people"
    " FROM app.test_results t JOIN app.runs r ON (r.tenant_id, r.id) = (t.tenant_id, t.run_id)"
    " LEFT JOIN app.run_egress e ON (e.tenant_id, e.run_id) = (t.tenant_id, t.run_id) AND e.refused IS NULL"
    " WHERE t.tenant_id = :tenant AND t.day > current_date - 30 AND r.state = 'succeeded' GROUP BY t.listing_id"
)


def seen_in_tests() -> dict[UUID, Any]:
    """By listing (hosts, asks_people), from runs of the last 30 days that succeeded."""
    tenant_id = tenancy.find_tests_workspace()
    if tenant_id is None:
        return {}
    with tenant_session(tenant_id) as session:
        return {row.listing_id: row for row in session.execute(SEEN, {"tenant": tenant_id})}
