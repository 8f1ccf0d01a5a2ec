"""Publisher pages, storefronts, the allowed-agents list and bookmarks."""

from row_security import tenant_table

from alembic import op

revision = "202611291020"
down_revision = "202611291010"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("ALTER TABLE catalogue.publishers ADD COLUMN users_30d BIGINT DEFAULT 0 NOT NULL")
    op.execute("""
        CREATE TABLE app.storefronts (
            tenant_id UUID NOT NULL,
            is_on BOOLEAN DEFAULT false NOT NULL,
            audience TEXT NOT NULL,
            headline TEXT NOT NULL,
            welcome TEXT NOT NULL,
            accent TEXT NOT NULL,
            logo_key TEXT,
            listing_ids UUID[] DEFAULT '{}' NOT NULL,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id),
            CONSTRAINT audience_is_known CHECK (audience IN ('public', 'members'))
        )
    """)
    tenant_table(op, "storefronts", grants={"ap_app": "SELECT, INSERT, UPDATE"})
    op.execute("""
        CREATE TABLE app.agent_rules (
            tenant_id UUID NOT NULL,
            allowed TEXT NOT NULL,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id),
            CONSTRAINT allowed_is_known CHECK (allowed IN ('all', 'listed', 'own'))
        )
    """)
    doors = dict.fromkeys(("ap_worker", "ap_broker"), "SELECT")
    tenant_table(op, "agent_rules", grants={"ap_app": "SELECT, INSERT, UPDATE", **doors})
    op.execute("""
        CREATE TABLE app.allowed_agents (
            tenant_id UUID NOT NULL,
            listing_id UUID NOT NULL,
            added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id, listing_id)
        )
    """)
    tenant_table(op, "allowed_agents", grants={"ap_app": "SELECT, INSERT, DELETE", **doors})
    op.execute("""
        CREATE TABLE app.bookmarks (
            tenant_id UUID NOT NULL,
            user_id UUID NOT NULL,
            listing_id UUID NOT NULL,
            saved_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id, user_id, listing_id),
            FOREIGN KEY(user_id) REFERENCES platform.users (id)
        )
    """)
    tenant_table(op, "bookmarks", grants={"ap_app": "SELECT, INSERT, DELETE"})
