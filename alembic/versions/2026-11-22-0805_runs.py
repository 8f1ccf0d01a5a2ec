"""Runs, attempts, output, queue."""

from row_security import role_policy, tenant_table

from alembic import op

revision = "202611220805"
down_revision = "202611220804"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("""
        CREATE TABLE app.runs (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            agent_ref TEXT NOT NULL,
            agent_name TEXT NOT NULL,
            version TEXT NOT NULL,
            own_version_id UUID,
            release_id UUID,
            publisher_tenant_id UUID,
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            fence INTEGER NOT NULL,
            lease_until TIMESTAMP WITH TIME ZONE,
            origin TEXT NOT NULL,
            title TEXT NOT NULL,
            input JSONB DEFAULT '{}' NOT NULL,
            options JSONB DEFAULT '{}' NOT NULL,
            price JSONB DEFAULT '{}' NOT NULL,
            cap_micro_usd BIGINT DEFAULT 0 NOT NULL,
            charged_micro_usd BIGINT DEFAULT 0 NOT NULL,
            memory_mb INTEGER NOT NULL,
            cpu FLOAT NOT NULL,
            disk_mb INTEGER NOT NULL,
            timeout_seconds INTEGER NOT NULL,
            retries_left INTEGER NOT NULL,
            platform_retries_left INTEGER NOT NULL,
            idempotency_key TEXT NOT NULL,
            started_by_user_id UUID,
            started_by_name TEXT NOT NULL,
            rerun_of UUID,
            stop_reason TEXT,
            stopped_by TEXT,
            stop_deadline_at TIMESTAMP WITH TIME ZONE,
            failure_class TEXT,
            failure_code TEXT,
            failure_message TEXT,
            progress_done FLOAT,
            progress_total FLOAT,
            progress_message TEXT,
            item_count BIGINT DEFAULT 0 NOT NULL,
            dropped_count BIGINT DEFAULT 0 NOT NULL,
            event_seq BIGINT DEFAULT 0 NOT NULL,
            log_bytes BIGINT DEFAULT 0 NOT NULL,
            compute_ms BIGINT DEFAULT 0 NOT NULL,
            compute_micro_usd BIGINT DEFAULT 0 NOT NULL,
            result JSONB,
            queued_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            started_at TIMESTAMP WITH TIME ZONE,
            finished_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, id),
            CONSTRAINT one_source CHECK (num_nonnulls(own_version_id, release_id) = 1),
            CONSTRAINT release_has_publisher CHECK ((release_id IS NULL) = (publisher_tenant_id IS NULL)),
            CONSTRAINT cap_is_positive CHECK (cap_micro_usd > 0),
            CONSTRAINT charged_within_cap CHECK (charged_micro_usd BETWEEN 0 AND cap_micro_usd),
            FOREIGN KEY(tenant_id, own_version_id) REFERENCES app.agent_versions (tenant_id, id),
            FOREIGN KEY(release_id, publisher_tenant_id) REFERENCES catalogue.releases (id, tenant_id),
            UNIQUE (tenant_id, idempotency_key),
            CONSTRAINT state_is_known CHECK (state IN ('held', 'queued', 'starting', 'running', 'waiting', 'stopping', 'succeeded', 'capped', 'failed', 'cancelled', 'timed_out')),
            CONSTRAINT origin_is_known CHECK (origin IN ('web', 'api', 'test', 'demo')),
            FOREIGN KEY(started_by_user_id) REFERENCES platform.users (id)
        )
    """)
    op.execute("CREATE INDEX ix_runs_open ON app.runs (tenant_id, state) WHERE finished_at IS NULL")
    op.execute("CREATE INDEX ix_runs_recent ON app.runs (tenant_id, created_at, id)")
    tenant_table(
        op,
        "runs",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE",
            "ap_worker": "SELECT, UPDATE",
            "ap_broker": "SELECT, UPDATE",
        },
    )
    op.execute("""
        CREATE TABLE app.run_attempts (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            run_id UUID NOT NULL,
            number INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            driver TEXT NOT NULL,
            driver_handle TEXT,
            token_hash TEXT,
            spec JSONB DEFAULT '{}' NOT NULL,
            acked_seq INTEGER NOT NULL,
            outcomes JSONB DEFAULT '{}' NOT NULL,
            spoken JSONB,
            exit_code INTEGER,
            diagnosis JSONB,
            launched_at TIMESTAMP WITH TIME ZONE,
            ready_at TIMESTAMP WITH TIME ZONE,
            ended_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, run_id, number),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id),
            CONSTRAINT state_is_known CHECK (state IN ('created', 'launching', 'running', 'succeeded', 'suspended', 'failed', 'timed_out', 'killed', 'lost'))
        )
    """)
    tenant_table(
        op,
        "run_attempts",
        grants={
            "ap_app": "SELECT, INSERT",
            "ap_worker": "SELECT, INSERT, UPDATE",
            "ap_broker": "SELECT, UPDATE",
        },
    )
    op.execute("""
        CREATE TABLE app.run_events (
            tenant_id UUID NOT NULL,
            run_id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE NOT NULL,
            seq INTEGER NOT NULL,
            kind TEXT NOT NULL,
            body JSONB DEFAULT '{}' NOT NULL,
            PRIMARY KEY (tenant_id, run_id, created_at, seq)
        )
         PARTITION BY RANGE (created_at)
    """)
    tenant_table(
        op,
        "run_events",
        grants={
            "ap_app": "SELECT, INSERT",
            "ap_worker": "SELECT, INSERT",
            "ap_broker": "SELECT, INSERT",
        },
        partitioned=True,
    )
    op.execute("""
        CREATE TABLE app.run_items (
            tenant_id UUID NOT NULL,
            run_id UUID NOT NULL,
            seq INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            key TEXT,
            payload JSONB DEFAULT '{}' NOT NULL,
            charge_id UUID,
            amount_micro_usd BIGINT DEFAULT 0 NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id, run_id, seq),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id)
        )
    """)
    op.execute("CREATE UNIQUE INDEX ux_run_items_key ON app.run_items (tenant_id, run_id, key) WHERE key IS NOT NULL")
    tenant_table(
        op,
        "run_items",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, DELETE",
            "ap_broker": "SELECT, INSERT",
        },
    )
    op.execute("""
        CREATE TABLE app.run_charges (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            run_id UUID NOT NULL,
            attempt INTEGER NOT NULL,
            event TEXT NOT NULL,
            units INTEGER NOT NULL,
            keyed BOOLEAN DEFAULT false NOT NULL,
            key TEXT,
            amount_micro_usd BIGINT DEFAULT 0 NOT NULL,
            voided_micro_usd BIGINT DEFAULT 0 NOT NULL,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id),
            CONSTRAINT charge_is_positive CHECK (amount_micro_usd > 0 AND units > 0),
            CONSTRAINT void_within_charge CHECK (voided_micro_usd BETWEEN 0 AND amount_micro_usd)
        )
    """)
    op.execute("CREATE INDEX ix_run_charges_run ON app.run_charges (tenant_id, run_id)")
    tenant_table(
        op,
        "run_charges",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, INSERT, UPDATE",
            "ap_broker": "SELECT, INSERT",
        },
    )
    op.execute("""
        CREATE TABLE app.run_files (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            run_id UUID,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            media_type TEXT NOT NULL,
            bytes BIGINT DEFAULT 0 NOT NULL,
            sha256 TEXT NOT NULL,
            attempt INTEGER,
            created_by_user_id UUID,
            expires_at TIMESTAMP WITH TIME ZONE,
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id),
            CONSTRAINT kind_is_known CHECK (kind IN ('input', 'output'))
        )
    """)
    op.execute(
        "CREATE UNIQUE INDEX ux_run_files_output ON app.run_files (tenant_id, run_id, name) WHERE kind = 'output'"
    )
    tenant_table(
        op,
        "run_files",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE, DELETE",
            "ap_worker": "SELECT, DELETE",
            "ap_broker": "SELECT, INSERT, UPDATE",
        },
    )
    op.execute("""
        CREATE TABLE app.run_log_chunks (
            tenant_id UUID NOT NULL,
            run_id UUID NOT NULL,
            seq INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            lines JSONB DEFAULT '[]' NOT NULL,
            line_count BIGINT DEFAULT 0 NOT NULL,
            bytes BIGINT DEFAULT 0 NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id, run_id, seq),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id)
        )
    """)
    tenant_table(
        op,
        "run_log_chunks",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, INSERT",
            "ap_broker": "SELECT, INSERT",
        },
    )
    op.execute("""
        CREATE TABLE app.run_kv (
            tenant_id UUID NOT NULL,
            run_id UUID NOT NULL,
            key TEXT NOT NULL,
            value JSONB,
            PRIMARY KEY (tenant_id, run_id, key),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id)
        )
    """)
    tenant_table(
        op,
        "run_kv",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, DELETE",
            "ap_broker": "SELECT, INSERT, UPDATE, DELETE",
        },
    )
    op.execute("""
        CREATE TABLE app.agent_state (
            tenant_id UUID NOT NULL,
            agent_ref TEXT NOT NULL,
            key TEXT NOT NULL,
            value JSONB,
            version INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, agent_ref, key)
        )
    """)
    tenant_table(
        op,
        "agent_state",
        grants={
            "ap_app": "SELECT, DELETE",
            "ap_worker": "SELECT",
            "ap_broker": "SELECT, INSERT, UPDATE, DELETE",
        },
    )
    op.execute("""
        CREATE TABLE app.installations (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            listing_id UUID NOT NULL,
            agent_ref TEXT NOT NULL,
            release_id UUID NOT NULL,
            accepted JSONB DEFAULT '{}' NOT NULL,
            accepted_by_user_id UUID,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, listing_id),
            FOREIGN KEY(accepted_by_user_id) REFERENCES platform.users (id)
        )
    """)
    tenant_table(
        op,
        "installations",
        grants={
            "ap_app": "SELECT, INSERT, UPDATE, DELETE",
            "ap_worker": "SELECT",
        },
    )
    op.execute("""
        CREATE TABLE app.dispatch (
            tenant_id UUID NOT NULL,
            run_id UUID NOT NULL,
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            fence INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            ready_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            lease_until TIMESTAMP WITH TIME ZONE,
            worker TEXT,
            cancel_sent_at TIMESTAMP WITH TIME ZONE,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            PRIMARY KEY (tenant_id, run_id),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id),
            CONSTRAINT state_is_known CHECK (state IN ('parked', 'queued', 'leased'))
        )
    """)
    op.execute("CREATE INDEX ix_dispatch_due ON app.dispatch (priority, ready_at) WHERE state = 'queued'")
    tenant_table(
        op,
        "dispatch",
        grants={
            "ap_app": "INSERT",
            "ap_worker": "SELECT, INSERT, UPDATE, DELETE",
            "ap_platform": "SELECT",
        },
    )
    role_policy(op, "dispatch", "ap_worker")
    role_policy(op, "dispatch", "ap_platform", command="SELECT")
    op.execute("""
        CREATE TABLE app.receipts (
            tenant_id UUID NOT NULL,
            id UUID NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            run_id UUID NOT NULL,
            body TEXT NOT NULL,
            signature TEXT NOT NULL,
            key_id TEXT NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, run_id),
            FOREIGN KEY(tenant_id, run_id) REFERENCES app.runs (tenant_id, id)
        )
    """)
    tenant_table(
        op,
        "receipts",
        grants={
            "ap_app": "SELECT",
            "ap_worker": "SELECT, INSERT",
        },
    )
