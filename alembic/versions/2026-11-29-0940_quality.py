"""The quality of listings: what it is made of, its points, and the days on which their tests ran."""

from row_security import catalogue_table, tenant_table

from alembic import op

revision = "202611290940"
down_revision = "202611290930"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("ALTER TABLE app.creator_runs ADD COLUMN output_invalid BOOLEAN DEFAULT false NOT NULL")
    op.execute("ALTER TABLE app.creator_runs ADD COLUMN within_quote BOOLEAN")
    op.execute("""
        CREATE TABLE catalogue.quality (
            listing_id UUID NOT NULL,
            score INTEGER NOT NULL,
            factors JSON DEFAULT '{}' NOT NULL,
            next_action TEXT NOT NULL,
            next_points FLOAT NOT NULL,
            computed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (listing_id)
        )
    """)
    catalogue_table(op, "quality")
    op.execute("""
        CREATE TABLE catalogue.test_days (
            listing_id UUID NOT NULL,
            day DATE NOT NULL,
            version TEXT NOT NULL,
            tests INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            note TEXT NOT NULL,
            state TEXT NOT NULL,
            finished_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (listing_id, day)
        )
    """)
    catalogue_table(op, "test_days")
    op.execute("""
        CREATE TABLE app.test_results (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            listing_id UUID NOT NULL,
            release_id UUID NOT NULL,
            day DATE NOT NULL,
            name TEXT NOT NULL,
            run_id UUID,
            state TEXT NOT NULL,
            note TEXT NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, listing_id, day, name),
            CONSTRAINT state_is_known CHECK (state IN ('running', 'passed', 'failed', 'void')),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id)
        )
    """)
    tenant_table(op, "test_results", grants={"ap_worker": "SELECT, INSERT, UPDATE"})
    # the maintenance worker starts the tests, by the door that every run takes
    op.execute("GRANT INSERT ON app.runs, app.run_files TO ap_worker")
    op.execute("GRANT INSERT, UPDATE ON app.installations TO ap_worker")
