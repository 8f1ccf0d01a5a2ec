"""How often an agent succeeded on each of the last thirty days, for its page."""

from row_security import catalogue_table

from alembic import op

revision = "202611301220"
down_revision = "202611301210"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE catalogue.success_days (
            listing_id UUID NOT NULL,
            day DATE NOT NULL,
            good BIGINT DEFAULT 0 NOT NULL,
            bad BIGINT DEFAULT 0 NOT NULL,
            PRIMARY KEY (listing_id, day)
        )
    """)
    catalogue_table(op, "success_days")
