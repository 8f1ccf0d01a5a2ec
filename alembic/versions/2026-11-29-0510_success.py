"""One success rate: usage facts know whose fault a failure was, listings how many runs count."""

import sqlalchemy as sa

from alembic import op

revision = "202611290510"
down_revision = "202611290500"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("usage_events", sa.Column("failure_class", sa.Text), schema="app")
    op.add_column(
        "listings", sa.Column("judged_30d", sa.BigInteger, nullable=False, server_default="0"), schema="catalogue"
    )
    # The owner is behind the fence too; only this transaction steps over it, to fill the new column of old facts.
    for table in ("usage_events", "runs"):
        op.execute(f"ALTER TABLE app.{table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE app.usage_events u SET failure_class = r.failure_class FROM app.runs r"
        " WHERE (r.tenant_id, r.id) = (u.tenant_id, u.run_id) AND r.failure_class IS NOT NULL"
    )
    for table in ("usage_events", "runs"):
        op.execute(f"ALTER TABLE app.{table} FORCE ROW LEVEL SECURITY")
