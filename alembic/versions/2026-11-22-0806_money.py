"""Double-entry books."""

from row_security import restrict, tenant_table

from alembic import op

revision = "202611220806"
down_revision = "202611220805"

BALANCED = """
CREATE FUNCTION app.journal_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF app.tenant() IS DISTINCT FROM new.tenant_id THEN RAISE EXCEPTION 'tenant changed inside a transaction'; END IF;
  IF (SELECT sum(amount_micro_usd) FROM app.postings WHERE tenant_id = new.tenant_id AND journal_id = new.journal_id) <> 0
  THEN RAISE EXCEPTION 'journal % does not balance', new.journal_id; END IF; RETURN NULL; END $$
"""
BALANCED_TRIGGER = """
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON app.postings DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION app.journal_is_balanced()
"""


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.accounts (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            balance_micro_usd BIGINT DEFAULT 0 NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE,
            funded BOOLEAN DEFAULT false NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, id, kind),
            UNIQUE (tenant_id, name),
            CONSTRAINT kind_is_known CHECK (kind IN ('cash', 'grant', 'hold', 'spent', 'clearing', 'pending', 'available', 'paid', 'fee', 'compute_cost', 'llm_cost', 'stripe', 'granted')),
            CONSTRAINT pockets_never_negative CHECK (kind NOT IN ('cash', 'grant', 'hold', 'spent') OR balance_micro_usd >= 0)
        )
    """)
    tenant_table(
        op,
        "accounts",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE (balance_micro_usd)",
            "ap_worker": "SELECT, INSERT, UPDATE (balance_micro_usd)",
            "ap_broker": "SELECT, INSERT, UPDATE (balance_micro_usd)",
        },
    )
    restrict(op, "accounts", "ap_app", "opens_empty", command="INSERT", check="balance_micro_usd = 0")
    op.execute("""
        CREATE TABLE app.journals (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            kind TEXT NOT NULL,
            source_id UUID NOT NULL,
            run_id UUID,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, kind, source_id)
        )
    """)
    op.execute("CREATE INDEX ix_journals_run ON app.journals (tenant_id, run_id)")
    tenant_table(
        op,
        "journals",
        grants={
            "ap_app": "SELECT, INSERT",
            "ap_worker": "SELECT, INSERT",
            "ap_broker": "SELECT, INSERT",
        },
    )
    op.execute("""
        CREATE TABLE app.postings (
            tenant_id UUID NOT NULL,
            journal_id UUID NOT NULL,
            line INTEGER NOT NULL,
            account_id UUID NOT NULL,
            account_kind TEXT NOT NULL,
            amount_micro_usd BIGINT DEFAULT 0 NOT NULL,
            PRIMARY KEY (tenant_id, journal_id, line),
            CONSTRAINT amount_is_not_zero CHECK (amount_micro_usd <> 0),
            FOREIGN KEY(tenant_id, journal_id) REFERENCES app.journals (tenant_id, id),
            FOREIGN KEY(tenant_id, account_id, account_kind) REFERENCES app.accounts (tenant_id, id, kind)
        )
    """)
    tenant_table(
        op,
        "postings",
        grants={
            "ap_app": "SELECT, INSERT",
            "ap_worker": "SELECT, INSERT",
            "ap_broker": "SELECT, INSERT",
        },
    )
    # the web may only move a tenant's own money into and out of its hold; minting needs the worker
    restrict(op, "postings", "ap_app", "reserves", command="INSERT", check="account_kind IN ('cash', 'grant', 'hold')")
    restrict(op, "postings", "ap_broker", "captures", command="INSERT", check="account_kind IN ('hold', 'spent')")
    op.execute(BALANCED)
    op.execute(BALANCED_TRIGGER)
