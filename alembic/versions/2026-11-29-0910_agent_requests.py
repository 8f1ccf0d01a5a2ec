"""Visitors may ask for an agent that the directory does not have."""

from row_security import platform_table

from alembic import op

revision = "202611290910"
down_revision = "202611290900"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE platform.agent_requests (
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            task TEXT NOT NULL,
            searched TEXT NOT NULL,
            state TEXT NOT NULL,
            decided_at TIMESTAMP WITH TIME ZONE,
            decided_by UUID,
            PRIMARY KEY (id),
            CONSTRAINT state_is_known CHECK (state IN ('open', 'shared', 'dismissed'))
        )
    """)
    op.execute("CREATE INDEX ix_agent_requests_state ON platform.agent_requests (state, created_at)")
    platform_table(op, "agent_requests", grants={"ap_platform": "SELECT, INSERT, UPDATE"})
