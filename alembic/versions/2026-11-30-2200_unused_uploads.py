"""An upload that no run took is deleted; one that a run names is kept with it, those of before included."""

from row_security import role_policy

from alembic import op

revision = "202611302200"
down_revision = "202611301220"

BEHIND_THE_FENCE = ("run_files", "runs", "approvals", "demo_uploads")
# Whatever of an input or an answer begins like the id of a file may be one: more is kept rather than less.
NAMED = """
    SELECT DISTINCT tenant_id, lower(named #>> '{}') AS id
    FROM (SELECT tenant_id, input FROM app.runs UNION ALL SELECT tenant_id, answer FROM app.approvals) given,
    jsonb_path_query(input, 'strict $.** ? (@.type() == "string" && @ starts with "file_")') named
"""


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("CREATE INDEX ix_run_files_expiry ON app.run_files (expires_at) WHERE expires_at IS NOT NULL")
    op.execute("CREATE INDEX ix_run_files_bytes ON app.run_files (tenant_id, sha256)")
    op.execute("GRANT UPDATE (expires_at) ON app.run_files TO ap_worker")  # daily tests upload samples and start runs
    role_policy(op, "run_files", "ap_worker", command="SELECT", using="expires_at <= now()")
    _keep_what_is_named()


def _keep_what_is_named():
    """What no run names may be named for one more day: until today it was kept for ever, whatever its row said."""
    for table in BEHIND_THE_FENCE:
        op.execute(f"ALTER TABLE app.{table} NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE app.run_files SET expires_at = now() + interval '1 day' WHERE expires_at IS NOT NULL")
    op.execute(
        f"UPDATE app.run_files f SET expires_at = NULL FROM ({NAMED}) n"
        " WHERE f.tenant_id = n.tenant_id AND 'file_' || replace(f.id::text, '-', '') = n.id"
    )
    op.execute(
        "UPDATE app.run_files f SET expires_at = NULL FROM app.demo_uploads d WHERE (f.tenant_id, f.id) = (d.tenant_id, d.id)"
    )
    for table in BEHIND_THE_FENCE:
        op.execute(f"ALTER TABLE app.{table} FORCE ROW LEVEL SECURITY")
