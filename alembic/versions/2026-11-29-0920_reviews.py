"""Workspaces review agents they have run; publishers answer."""

from row_security import catalogue_table, tenant_table

from alembic import op

revision = "202611290920"
down_revision = "202611290910"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.reviews (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            listing_id UUID NOT NULL,
            release_id UUID NOT NULL,
            run_id UUID NOT NULL,
            version TEXT NOT NULL,
            stars INTEGER NOT NULL,
            text TEXT NOT NULL,
            author_user_id UUID NOT NULL,
            author_name TEXT NOT NULL,
            edited_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, listing_id),
            CONSTRAINT stars_are_one_to_five CHECK (stars BETWEEN 1 AND 5),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id),
            FOREIGN KEY(author_user_id) REFERENCES platform.users (id)
        )
    """)
    tenant_table(op, "reviews", grants={"ap_app": "SELECT, INSERT, UPDATE", "ap_worker": "SELECT"})
    op.execute("""
        CREATE TABLE app.review_replies (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            listing_id UUID NOT NULL,
            text TEXT NOT NULL,
            author_user_id UUID NOT NULL,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY(author_user_id) REFERENCES platform.users (id)
        )
    """)
    tenant_table(op, "review_replies", grants={"ap_app": "SELECT, INSERT, UPDATE", "ap_worker": "SELECT"})
    op.execute("""
        CREATE TABLE catalogue.reviews (
            id UUID NOT NULL,
            listing_id UUID NOT NULL,
            release_id UUID NOT NULL,
            version TEXT NOT NULL,
            stars INTEGER NOT NULL,
            text TEXT NOT NULL,
            reviewer_label TEXT NOT NULL,
            written_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            edited_at TIMESTAMP WITH TIME ZONE,
            reply TEXT NOT NULL,
            replied_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (id)
        )
    """)
    op.execute("CREATE INDEX ix_reviews_listing ON catalogue.reviews (listing_id, written_at, id)")
    catalogue_table(op, "reviews")
