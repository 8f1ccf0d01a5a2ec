"""Facts on listings, computed from real runs by others; runs of a publisher's own workspace never count."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import tenant_session

FIGURES = text(
    "SELECT listing_id, count(*) AS runs, count(DISTINCT consumer_ref) AS users,"
    " count(*) FILTER (WHERE outcome IN ('succeeded', 'capped')) AS good,"
    " count(*) FILTER (WHERE outcome IN ('succeeded', 'capped', 'timed_out') OR failure_class IN ('agent', 'upstream')) AS counted,"
    " percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) AS median_ms, percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_ms,"
    " percentile_disc(0.5) WITHIN GROUP (ORDER BY price_micro_usd) FILTER (WHERE outcome IN ('succeeded', 'capped')) AS cost_p50,"
    " percentile_disc(0.9) WITHIN GROUP (ORDER BY price_micro_usd) FILTER (WHERE outcome IN ('succeeded', 'capped')) AS cost_p90"
    " FROM app.creator_runs WHERE NOT is_related AND finished_at > now() - interval '30 days' GROUP BY listing_id"
)
WRITE = text(
    "UPDATE catalogue.listings SET runs_30d = :runs, users_30d = :users, success_30d = :success, median_ms = :median_ms, p95_ms = :p95_ms,"
    " cost_p50_micro_usd = :cost_p50, cost_p90_micro_usd = :cost_p90 WHERE id = :listing AND tenant_id = :tenant"
)


def refresh_figures() -> int:
    """Every listing shows the figures of its last 30 days. Returns how many listings were written."""
    with publisher_session() as session:
        publishers = list(session.execute(text("SELECT tenant_id FROM catalogue.publishers")).scalars())
    return sum(_refresh(tenant_id) for tenant_id in publishers)


def _refresh(tenant_id: UUID) -> int:
    with tenant_session(tenant_id) as session:
        rows = session.execute(FIGURES).all()
    if not rows:
        return 0
    with publisher_session() as session:
        session.execute(WRITE, [_columns(tenant_id, row) for row in rows])
    return len(rows)


def _columns(tenant_id: UUID, row: Any) -> dict[str, Any]:
    figures = {name: getattr(row, name) for name in ("runs", "users", "median_ms", "p95_ms", "cost_p50", "cost_p90")}
    return {
        **figures,
        "success": row.good / row.counted if row.counted else None,
        "listing": row.listing_id,
        "tenant": tenant_id,
    }
