"""People report agents and reviews; reviewers suspend and lift."""

from row_security import platform_table, role_policy, tenant_table

from alembic import op

revision = "202611290930"
down_revision = "202611290920"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.reports (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            listing_id UUID NOT NULL,
            review_id UUID,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            by_user_id UUID NOT NULL,
            by_name TEXT NOT NULL,
            state TEXT NOT NULL,
            decided_by_user_id UUID,
            decided_at TIMESTAMP WITH TIME ZONE,
            decision_note TEXT NOT NULL,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT kind_is_known CHECK (kind IN ('abuse', 'broken', 'misleading')),
            CONSTRAINT state_is_known CHECK (state IN ('open', 'upheld', 'dismissed')),
            FOREIGN KEY(by_user_id) REFERENCES platform.users (id),
            FOREIGN KEY(decided_by_user_id) REFERENCES platform.users (id)
        )
    """)
    op.execute("CREATE INDEX ix_reports_open ON app.reports (created_at) WHERE state = 'open'")
    tenant_table(op, "reports", grants={"ap_app": "SELECT, INSERT, UPDATE", "ap_platform": "SELECT"})
    role_policy(op, "reports", "ap_platform", command="SELECT", using="state = 'open'")
    op.execute("""
        CREATE TABLE platform.suspensions (
            subject_id UUID NOT NULL,
            kind TEXT NOT NULL,
            reason TEXT NOT NULL,
            by_user_id UUID NOT NULL,
            since_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (subject_id),
            CONSTRAINT kind_is_known CHECK (kind IN ('listing', 'review')),
            FOREIGN KEY(by_user_id) REFERENCES platform.users (id)
        )
    """)
    doors = dict.fromkeys(("ap_app", "ap_worker", "ap_broker", "ap_publisher"), "SELECT")
    platform_table(op, "suspensions", grants={"ap_platform": "SELECT, INSERT, DELETE", **doors})
    op.execute("ALTER TABLE catalogue.listings ADD COLUMN suspended_from TEXT")
