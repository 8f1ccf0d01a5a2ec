"""Accounts: deleted after fourteen days to think again, a second sign-in by mail, pictures, the time zone of the workspace."""

from row_security import role_policy

from alembic import op

revision = "202611301140"
down_revision = "202611301130"

DUE = "user_id = ANY (ARRAY(SELECT id FROM platform.users WHERE delete_at <= now()))"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        ALTER TABLE platform.users
            ADD COLUMN delete_at TIMESTAMP WITH TIME ZONE,
            ADD COLUMN deleted_at TIMESTAMP WITH TIME ZONE,
            ALTER COLUMN time_zone SET DEFAULT ''
    """)
    op.execute("ALTER TABLE app.memberships ADD COLUMN avatar_key TEXT")
    op.execute("UPDATE platform.users SET time_zone = '' WHERE time_zone = 'UTC'")  # nobody had to choose it
    op.execute("CREATE INDEX ix_users_leaving ON platform.users (delete_at) WHERE delete_at IS NOT NULL")
    op.execute("""
        ALTER TABLE platform.one_time_codes
            DROP CONSTRAINT purpose_is_known,
            ADD CONSTRAINT purpose_is_known
                CHECK (purpose IN ('oauth', 'hand_off', 'admin', 'email', 'email_change', 'email_link'))
    """)
    _let_the_worker_forget()


def _let_the_worker_forget():
    """It sees who is due and may empty what tells of them; of sign-ins it reads whose they are, and nothing else."""
    op.execute("GRANT SELECT (id, avatar_key, session_epoch, delete_at, deleted_at) ON platform.users TO ap_worker")
    op.execute("""
        GRANT UPDATE (display_name, avatar_key, time_zone, color_mode, notice_email, session_epoch, delete_at, deleted_at)
            ON platform.users TO ap_worker
    """)
    for table in ("identities", "sessions", "one_time_codes", "platform_roles"):
        op.execute(f"GRANT SELECT (user_id), DELETE ON platform.{table} TO ap_worker")
    op.execute("GRANT UPDATE (role), DELETE ON app.memberships TO ap_worker")
    role_policy(op, "memberships", "ap_worker", command="SELECT", using=DUE)
    op.execute("GRANT UPDATE (checklist_dismissed_at) ON app.tenants TO ap_worker")  # else it may not lock the row
    op.execute("GRANT SELECT, UPDATE (revoked_at) ON app.api_keys TO ap_worker")
