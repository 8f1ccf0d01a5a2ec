"""Whoever holds a receipt can check it."""

from row_security import catalogue_table

from alembic import op

revision = "202611290530"
down_revision = "202611290520"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE catalogue.receipt_keys (
            key_id TEXT NOT NULL,
            public_key TEXT NOT NULL,
            first_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (key_id)
        )
    """)
    catalogue_table(op, "receipt_keys")
