"""Words are looked for in the index of each order, and first in a dictionary of all that public listings are found by."""

from row_security import catalogue_table

from alembic import op

revision = "202611301110"
down_revision = "202611301040"

FILTERED = (
    *("needs_network", "needs_connection", "needs_model", "is_verified", "tsv", "category", "kind", "price_model"),
    *("permission_level", "publisher", "runs_30d", "success_30d", "cost_p50_micro_usd", "rating"),
)
RANKED = ("quality", "tags")
ORDERS = {
    "category": ("category, runs_30d DESC, id DESC", (*FILTERED, *RANKED)),
    "cheapest": ("COALESCE(cost_p50_micro_usd, 2147483647), id", FILTERED),
    "newest": ("published_at DESC, id DESC", FILTERED),
    "rated": ("COALESCE(rating, 0) DESC, id DESC", FILTERED),
    "used": ("runs_30d DESC, id DESC", (*FILTERED, *RANKED)),
}
NOTE_WORDS = """
CREATE FUNCTION catalogue.note_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO catalogue.words (word) SELECT unnest(tsvector_to_array(new.tsv)) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    for name, (columns, filtered) in ORDERS.items():
        besides = ", ".join(one for one in filtered if one not in columns.replace(",", " ").split())
        op.execute(f"DROP INDEX catalogue.ix_listings_{name}")
        op.execute(
            f"CREATE INDEX ix_listings_{name} ON catalogue.listings ({columns}) INCLUDE ({besides})"
            " WHERE state IN ('published', 'maintenance') AND visibility = 'public'"
        )
    for column in ("name", "publisher"):
        op.execute(f"DROP INDEX catalogue.ix_listings_{column}_trgm")
    op.execute('CREATE TABLE catalogue.words (word TEXT COLLATE "C" NOT NULL, PRIMARY KEY (word))')
    catalogue_table(op, "words")
    op.execute(
        "INSERT INTO catalogue.words (word) SELECT DISTINCT unnest(tsvector_to_array(tsv)) FROM catalogue.listings"
        " WHERE visibility = 'public'"
    )
    op.execute("CREATE INDEX ix_words_trgm ON catalogue.words USING gin (word gin_trgm_ops)")
    op.execute(NOTE_WORDS)
    op.execute(
        "CREATE TRIGGER note_words"
        " AFTER INSERT OR UPDATE OF name, summary, tags, publisher, publisher_name, visibility ON catalogue.listings"
        " FOR EACH ROW WHEN (new.visibility = 'public') EXECUTE FUNCTION catalogue.note_words()"
    )
