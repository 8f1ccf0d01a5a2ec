"""How much more an agent was run in the last seven days than in the seven before."""

from alembic import op

revision = "202611301120"
down_revision = "202611301110"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("ALTER TABLE catalogue.listings ADD COLUMN growth_7d BIGINT DEFAULT 0 NOT NULL")
    op.execute("""
        CREATE INDEX ix_listings_trending ON catalogue.listings (growth_7d DESC, id DESC)
        WHERE growth_7d > 0 AND state IN ('published', 'maintenance') AND visibility = 'public'
    """)
