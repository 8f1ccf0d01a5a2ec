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
    # Rows lie in the order in which they came: a few pages for all of them, and next to nothing for one more.
    op.execute("CREATE INDEX ix_outbox_created ON app.outbox USING brin (created_at)")
