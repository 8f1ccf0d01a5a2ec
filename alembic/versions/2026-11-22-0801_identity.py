"""People, sign-ins, plans and settings."""

from row_security import platform_table

from alembic import op

revision = "202611220801"
down_revision = None

# '' stands there after a transaction ended: nullif makes an unset tenant see nothing
TENANT = """
CREATE FUNCTION app.tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$
"""


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public")
    for schema in ("app", "platform", "catalogue"):
        op.execute(f"CREATE SCHEMA {schema}")
    op.execute(
        "GRANT USAGE ON SCHEMA app, platform, catalogue TO ap_app, ap_worker, ap_platform, ap_publisher, ap_broker, ap_backup"
    )
    op.execute(TENANT)
    op.execute("GRANT SELECT ON public.alembic_version TO ap_app")  # readiness compares it with the code's newest one
    op.execute("""
        CREATE TABLE platform.users (
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            display_name TEXT NOT NULL,
            avatar_key TEXT,
            time_zone TEXT DEFAULT 'UTC' NOT NULL,
            color_mode TEXT DEFAULT 'system' NOT NULL,
            notice_email TEXT,
            session_epoch INTEGER DEFAULT '1' NOT NULL,
            banned_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (id)
        )
    """)
    platform_table(op, "users", grants={"ap_platform": "SELECT, INSERT, UPDATE, DELETE"})
    op.execute("""
        CREATE TABLE platform.platform_roles (
            user_id UUID NOT NULL,
            role TEXT NOT NULL,
            PRIMARY KEY (user_id, role),
            FOREIGN KEY(user_id) REFERENCES platform.users (id)
        )
    """)
    platform_table(op, "platform_roles", grants={"ap_platform": "SELECT, INSERT, UPDATE, DELETE"})
    op.execute("""
        CREATE TABLE platform.identities (
            id UUID NOT NULL,
            user_id UUID NOT NULL,
            provider TEXT NOT NULL,
            subject TEXT NOT NULL,
            label TEXT NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (id),
            UNIQUE (provider, subject),
            CONSTRAINT provider_is_known CHECK (provider IN ('github', 'email', 'admin_link')),
            FOREIGN KEY(user_id) REFERENCES platform.users (id)
        )
    """)
    op.execute("CREATE INDEX ix_platform_identities_user_id ON platform.identities (user_id)")
    platform_table(op, "identities", grants={"ap_platform": "SELECT, INSERT, UPDATE, DELETE"})
    op.execute("""
        CREATE TABLE platform.sessions (
            token_hash TEXT NOT NULL,
            id UUID NOT NULL,
            root_id UUID,
            user_id UUID NOT NULL,
            host TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            last_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            idle_expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            absolute_expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            user_agent TEXT NOT NULL,
            address TEXT NOT NULL,
            PRIMARY KEY (token_hash),
            UNIQUE (id),
            FOREIGN KEY(user_id) REFERENCES platform.users (id)
        )
    """)
    op.execute("CREATE INDEX ix_sessions_user ON platform.sessions (user_id)")
    platform_table(op, "sessions", grants={"ap_platform": "SELECT, INSERT, UPDATE, DELETE"})
    op.execute("""
        CREATE TABLE platform.one_time_codes (
            hash TEXT NOT NULL,
            purpose TEXT NOT NULL,
            host TEXT NOT NULL,
            user_id UUID,
            session_id UUID,
            email TEXT,
            binding TEXT,
            next_path TEXT NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (hash),
            CONSTRAINT purpose_is_known CHECK (purpose IN ('oauth', 'hand_off', 'admin', 'email', 'email_change')),
            FOREIGN KEY(user_id) REFERENCES platform.users (id)
        )
    """)
    platform_table(op, "one_time_codes", grants={"ap_platform": "SELECT, INSERT, UPDATE, DELETE"})
    op.execute("""
        CREATE TABLE platform.plans (
            name TEXT NOT NULL,
            title TEXT NOT NULL,
            month_micro_usd BIGINT DEFAULT 0 NOT NULL,
            credit_micro_usd BIGINT DEFAULT 0 NOT NULL,
            credit_is_funded BOOLEAN DEFAULT false NOT NULL,
            concurrent_runs INTEGER NOT NULL,
            queued_runs INTEGER NOT NULL,
            members INTEGER,
            retention_days INTEGER NOT NULL,
            requests_per_minute INTEGER NOT NULL,
            PRIMARY KEY (name)
        )
    """)
    platform_table(
        op,
        "plans",
        grants={
            "ap_platform": "SELECT, INSERT, UPDATE",
            "ap_app": "SELECT",
            "ap_worker": "SELECT",
            "ap_broker": "SELECT",
        },
    )
    op.execute("""
        CREATE TABLE platform.settings (
            key TEXT NOT NULL,
            value JSONB DEFAULT '{}' NOT NULL,
            PRIMARY KEY (key)
        )
    """)
    platform_table(
        op,
        "settings",
        grants={
            "ap_platform": "SELECT, INSERT, UPDATE",
            "ap_app": "SELECT",
            "ap_worker": "SELECT",
            "ap_broker": "SELECT",
        },
    )
    op.execute("""
        INSERT INTO platform.plans (name, title, month_micro_usd, credit_micro_usd, credit_is_funded, concurrent_runs, queued_runs, members, retention_days,
            requests_per_minute) VALUES
        ('free', 'Free', 0, 5000000, false, 2, 100, 3, 7, 60),
        ('team', 'Team', 49000000, 20000000, true, 25, 5000, 25, 30, 600),
        ('business', 'Business', 299000000, 150000000, true, 200, 50000, NULL, 90, 3000)
    """)
