"""A run token leads to its run and attempt at once."""

import sqlalchemy as sa

from alembic import op

revision = "202611290401"
down_revision = "202611220808"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.add_column("lookups", sa.Column("number", sa.Integer), schema="app")
    # tokens of attempts that are under way now lead to the attempt instead of the run
    op.execute(
        "UPDATE app.lookups l SET target_id = a.run_id, number = a.number FROM app.run_attempts a"
        " WHERE l.kind = 'run_token' AND (a.tenant_id, a.id) = (l.tenant_id, l.target_id)"
    )
