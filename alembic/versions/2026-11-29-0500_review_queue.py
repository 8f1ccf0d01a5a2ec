"""Whoever reviews sees which requests of all workspaces are open."""

from row_security import role_policy

from alembic import op

revision = "202611290500"
down_revision = "202611290430"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("GRANT SELECT ON app.publication_requests TO ap_platform")
    role_policy(op, "publication_requests", "ap_platform", command="SELECT", using="state = 'open'")
    op.execute(
        "CREATE INDEX ix_publication_requests_open ON app.publication_requests (created_at) WHERE state = 'open'"
    )
