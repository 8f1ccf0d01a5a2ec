"""Messages of the outbox that are done are deleted after fourteen days; no others can be."""

from alembic import op

revision = "202611301150"
down_revision = "202611301140"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("GRANT DELETE ON app.outbox TO ap_worker")
    op.execute(
        "CREATE POLICY done_long_ago ON app.outbox AS RESTRICTIVE FOR DELETE TO ap_worker"
        " USING (done_at < now() - interval '14 days')"
    )
    op.execute("CREATE INDEX ix_outbox_done ON app.outbox (done_at) WHERE done_at IS NOT NULL")
