"""Agents are found by who publishes them."""

from alembic import op

revision = "202611290520"
down_revision = "202611290510"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("ALTER TABLE catalogue.listings ADD COLUMN publisher_name TEXT DEFAULT '' NOT NULL")
    op.execute(
        "UPDATE catalogue.listings l SET publisher_name = p.name FROM catalogue.publishers p WHERE p.tenant_id = l.tenant_id"
    )
    op.execute(
        "ALTER TABLE catalogue.listings DROP COLUMN tsv"
    )  # a generated column takes no other expression before 17
    op.execute(
        "ALTER TABLE catalogue.listings ADD COLUMN tsv TSVECTOR GENERATED ALWAYS AS ("
        "setweight(to_tsvector('english', name), 'A') || setweight(array_to_tsvector(tags), 'B')"
        " || setweight(to_tsvector('english', summary), 'C')"
        " || setweight(to_tsvector('english', replace(publisher, '-', ' ') || ' ' || publisher_name), 'B')) STORED"
    )
    op.execute("CREATE INDEX ix_listings_tsv ON catalogue.listings USING gin (tsv)")
    op.execute("CREATE INDEX ix_listings_publisher_trgm ON catalogue.listings USING gin (publisher gin_trgm_ops)")
