"""Files that visitors without an account send for a demo."""

from row_security import tenant_table

from alembic import op

revision = "202611301210"
down_revision = "202611301150"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.demo_uploads (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            listing_id UUID NOT NULL,
            key_hash TEXT NOT NULL,
            address_hash TEXT NOT NULL,
            bytes BIGINT DEFAULT 0 NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, key_hash),
            FOREIGN KEY(tenant_id, id) REFERENCES app.run_files (tenant_id, id)
        )
    """)
    op.execute("CREATE INDEX ix_demo_uploads_address ON app.demo_uploads (tenant_id, address_hash, created_at)")
    op.execute("CREATE INDEX ix_demo_uploads_expiry ON app.demo_uploads (tenant_id, expires_at)")
    tenant_table(
        op,
        "demo_uploads",
        grants={"ap_app": "SELECT, INSERT, UPDATE (expires_at)", "ap_worker": "SELECT, DELETE"},
    )
