"""What agents ask of others: hosts, people, other agents. Approvals, the egress log, child runs, dry runs, ends of tokens."""

from row_security import restrict, tenant_table

from alembic import op

revision = "202611290430"
down_revision = "202611290401"

ACCOUNT_KINDS = (
    "'cash', 'grant', 'hold', 'lent', 'spent', 'clearing', 'pending', 'available', 'paid', 'fee', 'compute_cost',"
    " 'llm_cost', 'stripe', 'granted'"
)


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    _runs()
    _queue()
    _money()
    _approvals()
    _egress()
    _what_the_broker_may()


def _runs():
    op.execute("""
        ALTER TABLE app.runs
            ADD COLUMN parent_run_id UUID,
            ADD COLUMN is_dry_run BOOLEAN DEFAULT false NOT NULL,
            ADD COLUMN approval_count BIGINT DEFAULT 0 NOT NULL,
            ADD COLUMN child_count BIGINT DEFAULT 0 NOT NULL,
            ADD COLUMN child_micro_usd BIGINT DEFAULT 0 NOT NULL,
            ADD FOREIGN KEY (tenant_id, parent_run_id) REFERENCES app.runs (tenant_id, id),
            DROP CONSTRAINT charged_within_cap,
            ADD CONSTRAINT charged_within_cap CHECK (charged_micro_usd >= 0 AND child_micro_usd >= 0
                AND charged_micro_usd + child_micro_usd <= cap_micro_usd),
            DROP CONSTRAINT origin_is_known,
            ADD CONSTRAINT origin_is_known CHECK (origin IN ('web', 'api', 'test', 'demo', 'parent'))
    """)
    op.execute("CREATE INDEX ix_runs_parent ON app.runs (tenant_id, parent_run_id) WHERE parent_run_id IS NOT NULL")


def _queue():
    op.execute("""
        ALTER TABLE app.dispatch
            ADD COLUMN token_until TIMESTAMP WITH TIME ZONE,
            ADD COLUMN holds_slot BOOLEAN DEFAULT true NOT NULL,
            DROP CONSTRAINT state_is_known,
            ADD CONSTRAINT state_is_known CHECK (state IN ('parked', 'queued', 'leased', 'waiting'))
    """)
    op.execute("GRANT UPDATE (expires_at) ON app.lookups TO ap_worker")


def _money():
    op.execute(f"""
        ALTER TABLE app.accounts
            DROP CONSTRAINT kind_is_known,
            ADD CONSTRAINT kind_is_known CHECK (kind IN ({ACCOUNT_KINDS})),
            DROP CONSTRAINT pockets_never_negative,
            ADD CONSTRAINT pockets_never_negative CHECK (kind NOT IN ('cash', 'grant', 'hold', 'lent', 'spent') OR balance_micro_usd >= 0)
    """)
    # what a run lends to another stays inside the hold of its tenant: the broker still reaches no pocket
    op.execute("DROP POLICY captures ON app.postings")
    restrict(
        op, "postings", "ap_broker", "captures", command="INSERT", check="account_kind IN ('hold', 'lent', 'spent')"
    )


def _approvals():
    op.execute("""
        CREATE TABLE app.approvals (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            run_id UUID NOT NULL,
            attempt INTEGER NOT NULL,
            key TEXT NOT NULL,
            title TEXT NOT NULL,
            facts JSON DEFAULT '{}' NOT NULL,
            form JSON DEFAULT '{}' NOT NULL,
            role TEXT NOT NULL,
            state TEXT NOT NULL,
            on_expire TEXT NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            decided_at TIMESTAMP WITH TIME ZONE,
            decided_by_user_id UUID,
            decided_by_name TEXT NOT NULL,
            comment TEXT NOT NULL,
            answer JSONB DEFAULT '{}' NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, run_id, key),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id),
            CONSTRAINT state_is_known CHECK (state IN ('pending', 'approved', 'rejected', 'expired', 'cancelled')),
            CONSTRAINT role_is_known CHECK (role IN ('member', 'admin', 'owner')),
            CONSTRAINT on_expire_is_known CHECK (on_expire IN ('approve', 'reject')),
            FOREIGN KEY(decided_by_user_id) REFERENCES platform.users (id)
        )
    """)
    op.execute("CREATE INDEX ix_approvals_pending ON app.approvals (tenant_id, created_at) WHERE state = 'pending'")
    decision = "state, decided_at, decided_by_user_id, decided_by_name, comment, answer"
    tenant_table(
        op,
        "approvals",
        grants={
            "ap_app": f"SELECT, UPDATE ({decision})",
            "ap_worker": f"SELECT, UPDATE ({decision})",
            "ap_broker": "SELECT, INSERT, UPDATE (state, decided_at)",
        },
    )
    # an agent asks; it never answers itself
    restrict(op, "approvals", "ap_broker", "asks", command="INSERT", check="state = 'pending'")
    restrict(op, "approvals", "ap_broker", "expires", command="UPDATE", check="state = 'expired'")


def _egress():
    op.execute("""
        CREATE TABLE app.run_egress (
            tenant_id UUID NOT NULL,
            run_id UUID NOT NULL,
            seq INTEGER NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            attempt INTEGER NOT NULL,
            method TEXT NOT NULL,
            host TEXT NOT NULL,
            port INTEGER NOT NULL,
            path_hash TEXT NOT NULL,
            status INTEGER,
            sent_bytes BIGINT DEFAULT 0 NOT NULL,
            received_bytes BIGINT DEFAULT 0 NOT NULL,
            ms BIGINT DEFAULT 0 NOT NULL,
            refused TEXT,
            failed TEXT,
            ended_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, run_id, seq),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id)
        )
    """)
    ending = "status, sent_bytes, received_bytes, ms, refused, failed, ended_at"
    tenant_table(
        op,
        "run_egress",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT",
            "ap_broker": f"SELECT, INSERT, UPDATE ({ending})",
        },
    )
    op.execute("""
        CREATE TABLE app.run_egress_use (
            tenant_id UUID NOT NULL,
            run_id UUID NOT NULL,
            requests BIGINT DEFAULT 0 NOT NULL,
            bytes BIGINT DEFAULT 0 NOT NULL,
            PRIMARY KEY (tenant_id, run_id),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id)
        )
    """)
    tenant_table(
        op,
        "run_egress_use",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT",
            "ap_broker": "SELECT, INSERT, UPDATE",
        },
    )


def _what_the_broker_may():
    """To start a child run by the same door as everybody; its money comes out of the hold of its parent."""
    for table, privileges in {
        "runs": "INSERT",
        "run_attempts": "INSERT",
        "dispatch": "INSERT",
        "agents": "SELECT",
        "channels": "SELECT",
        "installations": "SELECT",
    }.items():
        op.execute(f"GRANT {privileges} ON app.{table} TO ap_broker")
    restrict(op, "runs", "ap_broker", "children", command="INSERT", check="parent_run_id IS NOT NULL")
    restrict(op, "dispatch", "ap_broker", "children", command="INSERT", check="NOT holds_slot")
