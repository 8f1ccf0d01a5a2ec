"""Usage facts and roll-ups."""

from row_security import tenant_table

from alembic import op

revision = "202611220807"
down_revision = "202611220806"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.usage_events (
            tenant_id UUID NOT NULL,
            occurred_at TIMESTAMP WITH TIME ZONE NOT NULL,
            id UUID NOT NULL,
            run_id UUID NOT NULL,
            agent_ref TEXT NOT NULL,
            release_id UUID,
            kind TEXT NOT NULL,
            outcome TEXT NOT NULL,
            failure_code TEXT,
            cost_micro_usd BIGINT DEFAULT 0 NOT NULL,
            duration_ms BIGINT DEFAULT 0 NOT NULL,
            queue_ms BIGINT DEFAULT 0 NOT NULL,
            PRIMARY KEY (tenant_id, occurred_at, id)
        )
         PARTITION BY RANGE (occurred_at)
    """)
    tenant_table(
        op,
        "usage_events",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, INSERT",
        },
        partitioned=True,
    )
    op.execute("""
        CREATE TABLE app.usage_hourly (
            tenant_id UUID NOT NULL,
            hour_at TIMESTAMP WITH TIME ZONE NOT NULL,
            runs BIGINT DEFAULT 0 NOT NULL,
            succeeded BIGINT DEFAULT 0 NOT NULL,
            capped BIGINT DEFAULT 0 NOT NULL,
            failed BIGINT DEFAULT 0 NOT NULL,
            timed_out BIGINT DEFAULT 0 NOT NULL,
            cancelled BIGINT DEFAULT 0 NOT NULL,
            lost BIGINT DEFAULT 0 NOT NULL,
            cost_micro_usd BIGINT DEFAULT 0 NOT NULL,
            duration_ms BIGINT DEFAULT 0 NOT NULL,
            PRIMARY KEY (tenant_id, hour_at)
        )
    """)
    tenant_table(
        op,
        "usage_hourly",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, INSERT, UPDATE",
        },
    )
    op.execute("""
        CREATE TABLE app.usage_daily (
            tenant_id UUID NOT NULL,
            day DATE NOT NULL,
            agent_ref TEXT NOT NULL,
            runs BIGINT DEFAULT 0 NOT NULL,
            succeeded BIGINT DEFAULT 0 NOT NULL,
            capped BIGINT DEFAULT 0 NOT NULL,
            failed BIGINT DEFAULT 0 NOT NULL,
            timed_out BIGINT DEFAULT 0 NOT NULL,
            cancelled BIGINT DEFAULT 0 NOT NULL,
            lost BIGINT DEFAULT 0 NOT NULL,
            cost_micro_usd BIGINT DEFAULT 0 NOT NULL,
            duration_ms BIGINT DEFAULT 0 NOT NULL,
            PRIMARY KEY (tenant_id, day, agent_ref)
        )
    """)
    tenant_table(
        op,
        "usage_daily",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, INSERT, UPDATE",
        },
    )
    op.execute("""
        CREATE TABLE app.creator_daily (
            tenant_id UUID NOT NULL,
            day DATE NOT NULL,
            listing_id UUID NOT NULL,
            release_id UUID NOT NULL,
            outcome TEXT NOT NULL,
            failure_class TEXT NOT NULL,
            runs BIGINT DEFAULT 0 NOT NULL,
            duration_ms BIGINT DEFAULT 0 NOT NULL,
            earned_micro_usd BIGINT DEFAULT 0 NOT NULL,
            PRIMARY KEY (tenant_id, day, listing_id, release_id, outcome, failure_class)
        )
    """)
    tenant_table(
        op,
        "creator_daily",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, INSERT, UPDATE",
        },
    )
    op.execute("""
        CREATE TABLE app.creator_runs (
            tenant_id UUID NOT NULL,
            run_id UUID NOT NULL,
            listing_id UUID NOT NULL,
            consumer_ref TEXT NOT NULL,
            outcome TEXT NOT NULL,
            failure_class TEXT NOT NULL,
            is_related BOOLEAN NOT NULL,
            duration_ms BIGINT DEFAULT 0 NOT NULL,
            price_micro_usd BIGINT DEFAULT 0 NOT NULL,
            finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (tenant_id, run_id)
        )
    """)
    op.execute("CREATE INDEX ix_app_creator_runs_listing_id ON app.creator_runs (listing_id)")
    tenant_table(
        op,
        "creator_runs",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, INSERT",
        },
    )
