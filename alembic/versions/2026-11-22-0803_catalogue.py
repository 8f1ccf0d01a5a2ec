"""Public directory."""

from row_security import catalogue_table, platform_table

from alembic import op

revision = "202611220803"
down_revision = "202611220802"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE catalogue.publishers (
            tenant_id UUID NOT NULL,
            handle TEXT NOT NULL,
            name TEXT NOT NULL,
            is_verified BOOLEAN DEFAULT false NOT NULL,
            PRIMARY KEY (tenant_id),
            UNIQUE (handle)
        )
    """)
    catalogue_table(op, "publishers")
    op.execute("""
        CREATE TABLE catalogue.listings (
            id UUID NOT NULL,
            tenant_id UUID NOT NULL,
            publisher TEXT NOT NULL,
            slug TEXT NOT NULL,
            name TEXT NOT NULL,
            summary TEXT NOT NULL,
            category TEXT NOT NULL,
            kind TEXT NOT NULL,
            tags TEXT[] DEFAULT '{}' NOT NULL,
            visibility TEXT NOT NULL,
            state TEXT NOT NULL,
            release_id UUID NOT NULL,
            version TEXT NOT NULL,
            price_model TEXT NOT NULL,
            price_label TEXT NOT NULL,
            price_unit TEXT NOT NULL,
            needs_network BOOLEAN DEFAULT false NOT NULL,
            needs_connection BOOLEAN DEFAULT false NOT NULL,
            needs_model BOOLEAN DEFAULT false NOT NULL,
            permission_level TEXT NOT NULL,
            demo BOOLEAN DEFAULT false NOT NULL,
            is_verified BOOLEAN DEFAULT false NOT NULL,
            runs_30d BIGINT DEFAULT 0 NOT NULL,
            users_30d BIGINT DEFAULT 0 NOT NULL,
            success_30d FLOAT,
            median_ms INTEGER,
            p95_ms INTEGER,
            cost_p50_micro_usd INTEGER,
            cost_p90_micro_usd INTEGER,
            rating FLOAT,
            rating_count BIGINT DEFAULT 0 NOT NULL,
            quality INTEGER,
            published_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            tsv TSVECTOR GENERATED ALWAYS AS (setweight(to_tsvector('english', name), 'A') || setweight(array_to_tsvector(tags), 'B') || setweight(to_tsvector('english', summary), 'C')) STORED,
            PRIMARY KEY (id),
            UNIQUE (publisher, slug),
            UNIQUE (id, tenant_id),
            CONSTRAINT state_is_known CHECK (state IN ('published', 'maintenance', 'deprecated', 'withdrawn', 'suspended'))
        )
    """)
    for name, columns in (
        ("category", "category, runs_30d DESC, id DESC"),
        ("cheapest", "COALESCE(cost_p50_micro_usd, 2147483647), id"),
        ("newest", "published_at DESC, id DESC"),
        ("rated", "COALESCE(rating, 0) DESC, id DESC"),
        ("used", "runs_30d DESC, id DESC"),
    ):
        op.execute(
            f"CREATE INDEX ix_listings_{name} ON catalogue.listings ({columns})"
            " WHERE state IN ('published', 'maintenance') AND visibility = 'public'"
        )
    op.execute("CREATE INDEX ix_listings_name_trgm ON catalogue.listings USING gin (name gin_trgm_ops)")
    op.execute("CREATE INDEX ix_listings_tsv ON catalogue.listings USING gin (tsv)")
    catalogue_table(op, "listings")
    op.execute("""
        CREATE TABLE catalogue.releases (
            id UUID NOT NULL,
            tenant_id UUID NOT NULL,
            listing_id UUID NOT NULL,
            number TEXT NOT NULL,
            state TEXT NOT NULL,
            manifest JSON DEFAULT '{}' NOT NULL,
            digest TEXT NOT NULL,
            readme TEXT NOT NULL,
            changelog TEXT NOT NULL,
            published_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (id),
            UNIQUE (id, tenant_id),
            UNIQUE (listing_id, number),
            CONSTRAINT state_is_known CHECK (state IN ('published', 'withdrawn', 'yanked'))
        )
    """)
    op.execute("CREATE INDEX ix_catalogue_releases_listing_id ON catalogue.releases (listing_id)")
    catalogue_table(op, "releases")
    op.execute("""
        CREATE TABLE catalogue.synonyms (
            word TEXT NOT NULL,
            also TEXT NOT NULL,
            PRIMARY KEY (word, also)
        )
    """)
    catalogue_table(op, "synonyms")
    op.execute("""
        CREATE TABLE platform.release_specs (
            release_id UUID NOT NULL,
            tenant_id UUID NOT NULL,
            source_version_id UUID NOT NULL,
            spec JSONB DEFAULT '{}' NOT NULL,
            PRIMARY KEY (release_id)
        )
    """)
    platform_table(op, "release_specs", grants={"ap_worker": "SELECT", "ap_publisher": "SELECT, INSERT, UPDATE"})
