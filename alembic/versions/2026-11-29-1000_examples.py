"""Publishers keep finished runs as examples of their agents."""

from row_security import catalogue_table, tenant_table

from alembic import op

revision = "202611291000"
down_revision = "202611290940"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.examples (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            listing_id UUID NOT NULL,
            release_id UUID NOT NULL,
            run_id UUID NOT NULL,
            slug TEXT NOT NULL,
            title TEXT NOT NULL,
            line TEXT NOT NULL,
            version TEXT NOT NULL,
            kept JSON DEFAULT '{}' NOT NULL,
            ran_at TIMESTAMP WITH TIME ZONE NOT NULL,
            duration_ms BIGINT DEFAULT 0 NOT NULL,
            cost_micro_usd BIGINT DEFAULT 0 NOT NULL,
            saved_by_user_id UUID NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, listing_id, slug),
            UNIQUE (tenant_id, run_id),
            FOREIGN KEY(saved_by_user_id) REFERENCES platform.users (id)
        )
    """)
    # what a run was given and put out is never changed; only its two lines of words are
    grants = {"ap_app": "SELECT, INSERT, DELETE, UPDATE (title, line)", "ap_worker": "SELECT"}
    tenant_table(op, "examples", grants=grants)
    op.execute("""
        CREATE TABLE catalogue.examples (
            id UUID NOT NULL,
            listing_id UUID NOT NULL,
            release_id UUID NOT NULL,
            slug TEXT NOT NULL,
            title TEXT NOT NULL,
            line TEXT NOT NULL,
            version TEXT NOT NULL,
            kept JSON DEFAULT '{}' NOT NULL,
            ran_at TIMESTAMP WITH TIME ZONE NOT NULL,
            duration_ms BIGINT DEFAULT 0 NOT NULL,
            cost_micro_usd BIGINT DEFAULT 0 NOT NULL,
            saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
            changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (id),
            UNIQUE (listing_id, slug)
        )
    """)
    catalogue_table(op, "examples")
