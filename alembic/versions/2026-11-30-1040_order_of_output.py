"""What agents put out keeps the order that they gave it."""

from alembic import op

revision = "202611301040"
down_revision = "202611301030"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        ALTER TABLE app.run_items
            ALTER COLUMN payload DROP DEFAULT,
            ALTER COLUMN payload TYPE json USING payload::json,
            ALTER COLUMN payload SET DEFAULT '{}'
    """)
    op.execute("ALTER TABLE app.runs ALTER COLUMN result TYPE json USING result::json")
    op.execute("ALTER TABLE app.run_attempts ALTER COLUMN spoken TYPE json USING spoken::json")
