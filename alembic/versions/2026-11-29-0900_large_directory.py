"""A directory of a hundred thousand: listings made for measuring are marked, pages are found in the index of their order alone."""

import sqlalchemy as sa

from alembic import op

revision = "202611290900"
down_revision = "202611290800"

FILTERED = (
    *("category", "kind", "price_model", "permission_level", "needs_network", "needs_connection", "needs_model"),
    *("is_verified", "publisher", "runs_30d", "success_30d", "cost_p50_micro_usd", "rating"),
)
ORDERS = {
    "category": "category, runs_30d DESC, id DESC",
    "cheapest": "COALESCE(cost_p50_micro_usd, 2147483647), id",
    "newest": "published_at DESC, id DESC",
    "rated": "COALESCE(rating, 0) DESC, id DESC",
    "used": "runs_30d DESC, id DESC",
}


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    for table in ("publishers", "listings"):
        op.add_column(
            table,
            sa.Column("is_synthetic", sa.Boolean, nullable=False, server_default=sa.false()),
            schema="catalogue",
        )
    for name, columns in ORDERS.items():
        besides = ", ".join(one for one in FILTERED if one not in columns.replace(",", " ").split())
        op.execute(f"DROP INDEX catalogue.ix_listings_{name}")
        op.execute(
            f"CREATE INDEX ix_listings_{name} ON catalogue.listings ({columns}) INCLUDE ({besides})"
            " WHERE state IN ('published', 'maintenance') AND visibility = 'public'"
        )
