"""Whoever has written a review may delete it."""

from alembic import op

revision = "202611301130"
down_revision = "202611301120"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("GRANT DELETE ON app.reviews TO ap_app")
