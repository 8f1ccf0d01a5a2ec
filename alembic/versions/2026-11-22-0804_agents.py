"""Agents, versions, builds, channels."""

from row_security import tenant_table

from alembic import op

revision = "202611220804"
down_revision = "202611220803"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.agents (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            slug TEXT NOT NULL,
            name TEXT NOT NULL,
            visibility TEXT NOT NULL,
            created_by_user_id UUID,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            archived_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, slug),
            CONSTRAINT visibility_is_known CHECK (visibility IN ('private', 'tenant', 'unlisted', 'public')),
            FOREIGN KEY(created_by_user_id) REFERENCES platform.users (id)
        )
    """)
    tenant_table(
        op,
        "agents",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE, DELETE",
            "ap_worker": "SELECT, UPDATE",
        },
    )
    op.execute("""
        CREATE TABLE app.agent_versions (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            agent_id UUID NOT NULL,
            number TEXT NOT NULL,
            manifest JSON DEFAULT '{}' NOT NULL,
            manifest_text TEXT NOT NULL,
            digest TEXT NOT NULL,
            bundle_bytes INTEGER NOT NULL,
            readme TEXT NOT NULL,
            changelog TEXT NOT NULL,
            state TEXT NOT NULL,
            created_by_user_id UUID,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, agent_id, number),
            FOREIGN KEY(tenant_id, agent_id) REFERENCES app.agents (tenant_id, id),
            CONSTRAINT state_is_known CHECK (state IN ('draft', 'building', 'build_failed', 'ready', 'in_review', 'changes_requested', 'approved', 'rejected', 'yanked')),
            FOREIGN KEY(created_by_user_id) REFERENCES platform.users (id)
        )
    """)
    tenant_table(
        op,
        "agent_versions",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE, DELETE",
            "ap_worker": "SELECT, UPDATE",
            "ap_broker": "SELECT",
        },
    )
    op.execute("""
        CREATE TABLE app.builds (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            version_id UUID NOT NULL,
            number INTEGER NOT NULL,
            state TEXT NOT NULL,
            driver_handle TEXT,
            token_hash TEXT,
            acked_seq INTEGER NOT NULL,
            log TEXT NOT NULL,
            outcome JSONB DEFAULT '{}' NOT NULL,
            error TEXT,
            started_at TIMESTAMP WITH TIME ZONE,
            finished_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, version_id, number),
            FOREIGN KEY(tenant_id, version_id) REFERENCES app.agent_versions (tenant_id, id),
            CONSTRAINT state_is_known CHECK (state IN ('queued', 'building', 'ready', 'failed', 'cancelled', 'timed_out'))
        )
    """)
    tenant_table(
        op,
        "builds",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE",
            "ap_worker": "SELECT, INSERT, UPDATE",
            "ap_broker": "SELECT, UPDATE",
        },
    )
    op.execute("""
        CREATE TABLE app.channels (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            agent_id UUID NOT NULL,
            name TEXT NOT NULL,
            version_id UUID NOT NULL,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, agent_id, name),
            FOREIGN KEY(tenant_id, agent_id) REFERENCES app.agents (tenant_id, id),
            FOREIGN KEY(tenant_id, version_id) REFERENCES app.agent_versions (tenant_id, id)
        )
    """)
    tenant_table(
        op,
        "channels",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE, DELETE",
            "ap_worker": "SELECT, INSERT, UPDATE",
        },
    )
    op.execute("""
        CREATE TABLE app.publication_requests (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            agent_id UUID NOT NULL,
            version_id UUID NOT NULL,
            visibility TEXT NOT NULL,
            state TEXT NOT NULL,
            message TEXT NOT NULL,
            requested_by_user_id UUID,
            decided_by_user_id UUID,
            decided_at TIMESTAMP WITH TIME ZONE,
            decision_note TEXT NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY(tenant_id, agent_id) REFERENCES app.agents (tenant_id, id),
            FOREIGN KEY(tenant_id, version_id) REFERENCES app.agent_versions (tenant_id, id),
            CONSTRAINT state_is_known CHECK (state IN ('open', 'approved', 'changes_requested', 'rejected', 'withdrawn')),
            CONSTRAINT visibility_is_known CHECK (visibility IN ('private', 'tenant', 'unlisted', 'public')),
            FOREIGN KEY(requested_by_user_id) REFERENCES platform.users (id),
            FOREIGN KEY(decided_by_user_id) REFERENCES platform.users (id)
        )
    """)
    tenant_table(
        op,
        "publication_requests",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE",
            "ap_worker": "SELECT, UPDATE",
        },
    )
