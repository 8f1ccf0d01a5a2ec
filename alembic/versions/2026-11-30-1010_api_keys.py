"""API keys, and the look-up from a key to its workspace."""

from row_security import tenant_table

from alembic import op

revision = "202611301010"
down_revision = "202611291020"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.api_keys (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            name TEXT NOT NULL,
            prefix TEXT NOT NULL,
            key_hash TEXT NOT NULL,
            scopes TEXT[] DEFAULT '{}' NOT NULL,
            made_by_user_id UUID NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE,
            last_used_at TIMESTAMP WITH TIME ZONE,
            revoked_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (key_hash),
            FOREIGN KEY(made_by_user_id) REFERENCES platform.users (id)
        )
    """)
    op.execute("CREATE INDEX ix_api_keys_maker ON app.api_keys (tenant_id, made_by_user_id)")
    tenant_table(op, "api_keys", grants={"ap_app": "SELECT, INSERT, UPDATE (last_used_at, revoked_at)"})
    op.execute("""
        ALTER TABLE app.lookups
            DROP CONSTRAINT kind_is_known,
            ADD CONSTRAINT kind_is_known CHECK (kind IN ('slug', 'run_token', 'build_token', 'invitation', 'api_key'))
    """)
