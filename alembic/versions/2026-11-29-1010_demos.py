"""Demos: what a visitor without an account has started, what that has cost the platform by day, and that it can be deleted."""

from row_security import tenant_table

from alembic import op

revision = "202611291010"
down_revision = "202611291000"
# What a run leaves beside what a worker may delete already. Of runs that are no demos it deletes none of these.
LEFT_BY_A_RUN = ("run_attempts", "run_events", "run_log_chunks", "run_egress", "run_egress_use", "approvals")


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.demos (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            listing_id UUID NOT NULL,
            run_id UUID NOT NULL,
            key_hash TEXT NOT NULL,
            address_hash TEXT NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            counted_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, key_hash),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id)
        )
    """)
    op.execute("CREATE INDEX ix_demos_address ON app.demos (tenant_id, address_hash, created_at)")
    op.execute("CREATE INDEX ix_demos_expiry ON app.demos (tenant_id, expires_at)")
    tenant_table(op, "demos", grants={"ap_app": "SELECT, INSERT", "ap_worker": "SELECT, UPDATE (counted_at), DELETE"})
    op.execute("""
        CREATE TABLE app.demo_days (
            tenant_id UUID NOT NULL,
            day DATE NOT NULL,
            listing_id UUID NOT NULL,
            runs BIGINT DEFAULT 0 NOT NULL,
            cost_micro_usd BIGINT DEFAULT 0 NOT NULL,
            PRIMARY KEY (tenant_id, day, listing_id)
        )
    """)
    tenant_table(
        op,
        "demo_days",
        grants={"ap_app": "SELECT, INSERT, UPDATE", "ap_worker": "SELECT, UPDATE (cost_micro_usd), DELETE"},
    )
    for table in LEFT_BY_A_RUN:
        _only_of_demos(
            table,
            f"EXISTS (SELECT 1 FROM app.runs r WHERE r.tenant_id = {table}.tenant_id AND r.id = {table}.run_id AND r.origin = 'demo')",
        )
    _only_of_demos("runs", "origin = 'demo'")


def _only_of_demos(table, condition):
    op.execute(f"GRANT DELETE ON app.{table} TO ap_worker")
    op.execute(f"CREATE POLICY only_demos ON app.{table} AS RESTRICTIVE FOR DELETE TO ap_worker USING ({condition})")
