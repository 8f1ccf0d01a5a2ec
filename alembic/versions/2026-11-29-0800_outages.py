"""When parts of the platform did not answer, by our own observation."""

from row_security import platform_table

from alembic import op

revision = "202611290800"
down_revision = "202611290530"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE platform.components (
            name TEXT NOT NULL,
            answered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (name)
        )
    """)
    platform_table(op, "components", grants={"ap_worker": "SELECT, INSERT, UPDATE (answered_at)"})
    op.execute("""
        CREATE TABLE platform.outages (
            component TEXT NOT NULL,
            began_at TIMESTAMP WITH TIME ZONE NOT NULL,
            ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
            was_asked BOOLEAN DEFAULT false NOT NULL,
            PRIMARY KEY (component, began_at),
            FOREIGN KEY(component) REFERENCES platform.components (name)
        )
    """)
    # what happened is added and never changed
    platform_table(op, "outages", grants={"ap_worker": "SELECT, INSERT"})
