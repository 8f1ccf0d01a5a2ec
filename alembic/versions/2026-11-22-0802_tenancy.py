"""Tenants, members, look-ups."""

from row_security import role_policy, tenant_table

from alembic import op

revision = "202611220802"
down_revision = "202611220801"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.tenants (
            id UUID NOT NULL,
            slug TEXT NOT NULL,
            name TEXT NOT NULL,
            plan TEXT DEFAULT 'free' NOT NULL,
            time_zone TEXT DEFAULT 'UTC' NOT NULL,
            logo_key TEXT,
            is_operator BOOLEAN DEFAULT false NOT NULL,
            is_verified BOOLEAN DEFAULT false NOT NULL,
            checklist_dismissed_at TIMESTAMP WITH TIME ZONE,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            suspended_at TIMESTAMP WITH TIME ZONE,
            deleted_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (id),
            CONSTRAINT slug_is_a_label CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])+$' AND length(slug) BETWEEN 3 AND 32),
            UNIQUE (slug),
            FOREIGN KEY(plan) REFERENCES platform.plans (name)
        )
    """)
    tenant_table(
        op,
        "tenants",
        grants={
            "ap_app": "SELECT, UPDATE",
            "ap_worker": "SELECT",
            "ap_broker": "SELECT",
            "ap_platform": "SELECT, INSERT, UPDATE",
        },
        own="id = (SELECT app.tenant())",
    )
    role_policy(op, "tenants", "ap_platform")
    op.execute("""
        CREATE TABLE app.memberships (
            tenant_id UUID NOT NULL,
            user_id UUID NOT NULL,
            role TEXT NOT NULL,
            features TEXT[] DEFAULT '{}' NOT NULL,
            display_name TEXT NOT NULL,
            notify_email TEXT,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id, user_id),
            CONSTRAINT role_is_known CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
            FOREIGN KEY(tenant_id) REFERENCES app.tenants (id),
            FOREIGN KEY(user_id) REFERENCES platform.users (id)
        )
    """)
    op.execute("CREATE INDEX ix_memberships_user ON app.memberships (user_id)")
    tenant_table(
        op,
        "memberships",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE, DELETE",
            "ap_worker": "SELECT",
            "ap_platform": "SELECT",
        },
    )
    role_policy(op, "memberships", "ap_platform", command="SELECT")
    op.execute("""
        CREATE TABLE app.invitations (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            code_hash TEXT NOT NULL,
            email TEXT NOT NULL,
            role TEXT NOT NULL,
            created_by_user_id UUID NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            accepted_at TIMESTAMP WITH TIME ZONE,
            revoked_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT role_is_known CHECK (role IN ('viewer', 'member', 'admin', 'owner')),
            UNIQUE (code_hash),
            FOREIGN KEY(created_by_user_id) REFERENCES platform.users (id)
        )
    """)
    tenant_table(
        op,
        "invitations",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE, DELETE",
            "ap_worker": "SELECT",
        },
    )
    op.execute("""
        CREATE TABLE app.lookups (
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            tenant_id UUID NOT NULL,
            target_id UUID NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (kind, key),
            CONSTRAINT kind_is_known CHECK (kind IN ('slug', 'run_token', 'build_token', 'invitation'))
        )
    """)
    op.execute("CREATE INDEX ix_lookups_target ON app.lookups (tenant_id, target_id)")
    tenant_table(
        op,
        "lookups",
        grants={
            "ap_app": "SELECT, INSERT, DELETE",
            "ap_worker": "SELECT, INSERT, DELETE",
            "ap_platform": "SELECT",
            "ap_broker": "SELECT",
        },
    )
    role_policy(op, "lookups", "ap_platform", command="SELECT")
    role_policy(op, "lookups", "ap_broker", command="SELECT", using="kind IN ('run_token', 'build_token')")
    op.execute("""
        CREATE TABLE app.tenant_slots (
            tenant_id UUID NOT NULL,
            taken INTEGER NOT NULL,
            cap INTEGER NOT NULL,
            PRIMARY KEY (tenant_id),
            CONSTRAINT taken_is_not_negative CHECK (taken >= 0),
            FOREIGN KEY(tenant_id) REFERENCES app.tenants (id)
        )
    """)
    tenant_table(
        op,
        "tenant_slots",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE",
            "ap_worker": "SELECT, INSERT, UPDATE",
        },
    )
