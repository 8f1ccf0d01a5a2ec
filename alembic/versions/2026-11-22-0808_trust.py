"""Audit log and outbox."""

from row_security import role_policy, tenant_table

from alembic import op

revision = "202611220808"
down_revision = "202611220807"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.audit_log (
            tenant_id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE NOT NULL,
            seq INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            detail JSONB DEFAULT '{}' NOT NULL,
            previous_hash TEXT NOT NULL,
            hash TEXT NOT NULL,
            PRIMARY KEY (tenant_id, created_at, seq)
        )
         PARTITION BY RANGE (created_at)
    """)
    tenant_table(
        op,
        "audit_log",
        grants={
            "ap_app": "SELECT, INSERT",
            "ap_worker": "SELECT, INSERT",
            "ap_broker": "INSERT",
        },
        partitioned=True,
    )
    op.execute("""
        CREATE TABLE app.outbox (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            kind TEXT NOT NULL,
            payload JSONB DEFAULT '{}' NOT NULL,
            attempt INTEGER NOT NULL,
            ready_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            lease_until TIMESTAMP WITH TIME ZONE,
            done_at TIMESTAMP WITH TIME ZONE,
            dead_at TIMESTAMP WITH TIME ZONE,
            last_error TEXT,
            PRIMARY KEY (tenant_id, id)
        )
    """)
    op.execute("CREATE INDEX ix_outbox_due ON app.outbox (ready_at) WHERE done_at IS NULL AND dead_at IS NULL")
    tenant_table(
        op,
        "outbox",
        grants={
            "ap_app": "INSERT",
            "ap_worker": "SELECT, INSERT, UPDATE",
            "ap_broker": "INSERT",
        },
    )
    role_policy(op, "outbox", "ap_worker")
