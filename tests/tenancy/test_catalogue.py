"""S-01: what the catalogue must say of every table, view, function and grant, those of tomorrow included."""

import pytest

from tests.tenancy.catalogue import SERVING, TABLES, rows

pytestmark = pytest.mark.sec
SERVING_LOGINS = tuple(f"ap_{role}" for role in SERVING)
OWN = "tenant_id = ( SELECT app.tenant() AS tenant)"
TAKEN_DOWN = "(id IN ( SELECT suspensions.subject_id\n   FROM platform.suspensions\n  WHERE (suspensions.kind = 'review'::text)))"
LEAVERS = "(user_id = ANY (ARRAY( SELECT users.id\n   FROM platform.users\n  WHERE (users.delete_at <= now()))))"
# Who sees rows of other tenants, for which command, and only so far. Anything else fails.
ACROSS = {
    ("tenants", "ap_platform", "*", "true"),
    ("memberships", "ap_platform", "r", "true"),
    ("memberships", "ap_worker", "r", LEAVERS),
    ("lookups", "ap_platform", "r", "true"),
    ("lookups", "ap_broker", "r", "(kind = ANY (ARRAY['run_token'::text, 'build_token'::text]))"),
    ("dispatch", "ap_worker", "*", "true"),
    ("dispatch", "ap_platform", "r", "true"),
    ("outbox", "ap_worker", "*", "true"),
    ("publication_requests", "ap_platform", "r", "(state = 'open'::text)"),
    ("reports", "ap_platform", "r", "(state = 'open'::text)"),
    ("reviews", "ap_platform", "r", TAKEN_DOWN),
    ("run_files", "ap_worker", "r", "(expires_at <= now())"),
}
# A global key tells of rows that one may not see: only public names and hashes of random values may be one.
GLOBAL_KEYS = {
    ("tenants", ("id",)),
    ("tenants", ("slug",)),
    ("lookups", ("kind", "key")),
    ("invitations", ("code_hash",)),
    ("api_keys", ("key_hash",)),
}
PEOPLE = ("users", "identities", "sessions", "one_time_codes", "platform_roles")


def unfenced(connection):
    return [t["name"] for t in rows(connection, TABLES, "app") if not (t["fenced"] and t["forced"])]


def unfenced_both_ways(connection):
    """Tables whose general policy is not exactly: own rows, for reading and for writing."""
    found = rows(
        connection,
        "SELECT c.relname AS name, pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS check"
        " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polroles = '{0}' AND p.polpermissive AND p.polcmd = '*'"
        " WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p')",
    )
    own = {
        name: f"({OWN if name != 'tenants' else OWN.replace('tenant_id', 'id')})" for name in {r["name"] for r in found}
    }
    return [r["name"] for r in found if r["using"] != own[r["name"]] or r["check"] != own[r["name"]]]


def test_every_tenant_table_and_partition_is_fenced_for_its_owner_too(owner):
    assert len(rows(owner, TABLES, "app")) > 30
    assert unfenced(owner) == []
    assert unfenced_both_ways(owner) == []


def test_a_new_table_without_fence_is_found(owner):
    owner.execute("CREATE TABLE app.forgotten (tenant_id uuid, id uuid)")
    assert unfenced(owner) == ["forgotten"]
    owner.execute("ALTER TABLE app.forgotten ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    owner.execute("CREATE POLICY tenant ON app.forgotten USING (true)")
    assert unfenced(owner) == []
    assert unfenced_both_ways(owner) == ["forgotten"]


def test_only_the_named_roles_see_further(owner):
    found = rows(
        owner,
        "SELECT c.relname AS name, r.rolname AS role, p.polcmd AS command, pg_get_expr(p.polqual, p.polrelid) AS using"
        " FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_roles r ON r.oid = ANY (p.polroles) WHERE p.polpermissive",
    )
    assert {(r["name"], r["role"], r["command"], r["using"]) for r in found} == ACROSS


def test_partitions_are_reached_through_their_parent_only(owner):
    partitions = [t["name"] for t in rows(owner, TABLES, "app") if t["is_partition"]]
    assert partitions
    granted = rows(
        owner,
        "SELECT table_name, grantee FROM information_schema.role_table_grants WHERE table_schema = 'app'"
        " AND table_name = ANY (%s) AND grantee <> 'ap_owner'",
        partitions,
    )
    assert granted == []


def test_views_read_as_their_caller_and_nothing_is_kept_ready(owner):
    found = rows(
        owner,
        "SELECT c.relname AS name, c.relkind AS kind, coalesce(c.reloptions::text, '') AS options FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('app', 'platform', 'catalogue') AND c.relkind IN ('v', 'm', 'f')",
    )
    assert [r["name"] for r in found if r["kind"] != "v" or "security_invoker=true" not in r["options"]] == []


def test_no_function_acts_with_more_rights_than_its_caller(owner):
    found = rows(
        owner,
        "SELECT p.proname AS name, p.prosecdef AS definer FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname IN ('app', 'platform', 'catalogue')",
    )
    assert "tenant" in {r["name"] for r in found}
    assert [r["name"] for r in found if r["definer"]] == []


def test_serving_roles_own_nothing_and_bypass_nothing(owner):
    found = rows(
        owner,
        "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR rolinherit AS strong,"
        " (SELECT count(*) FROM pg_shdepend d WHERE d.refobjid = r.oid AND d.deptype = 'o') AS owned,"
        " (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) AS memberships"
        " FROM pg_roles r WHERE rolname = ANY (%s)",
        list(SERVING_LOGINS),
    )
    assert {r["rolname"] for r in found} == set(SERVING_LOGINS)
    assert [r for r in found if r["strong"] or r["owned"] or r["memberships"]] == []
    assert {t["owner"] for schema in ("app", "platform", "catalogue") for t in rows(owner, TABLES, schema)} == {
        "ap_owner"
    }


def test_nothing_is_granted_to_everybody_or_in_advance(owner):
    public = rows(
        owner,
        "SELECT table_name FROM information_schema.role_table_grants WHERE grantee = 'PUBLIC'"
        " AND table_schema IN ('app', 'platform', 'catalogue')",
    )
    assert public == []
    assert rows(owner, "SELECT 1 FROM pg_default_acl") == []


def test_sign_in_tables_are_the_platform_s_alone(owner):
    found = rows(
        owner,
        "SELECT table_name, grantee FROM information_schema.role_table_grants WHERE table_schema = 'platform' AND table_name = ANY (%s)",
        list(PEOPLE),
    )
    assert {r["grantee"] for r in found} - {"ap_worker"} == {"ap_owner", "ap_platform", "ap_backup"}


def test_the_worker_forgets_people_and_reads_of_them_only_who_is_due(owner):
    rights = "SELECT table_name, privilege_type, {} FROM information_schema.{} WHERE table_schema = 'platform' AND grantee = 'ap_worker' AND table_name = ANY (%s)"
    whole = rows(owner, rights.format("''", "role_table_grants"), list(PEOPLE))
    assert {(r["table_name"], r["privilege_type"]) for r in whole} == {(t, "DELETE") for t in PEOPLE if t != "users"}
    read = [
        r
        for r in rows(owner, rights.format("column_name", "column_privileges"), list(PEOPLE))
        if r["privilege_type"] == "SELECT"
    ]
    of_users = {r["column_name"] for r in read if r["table_name"] == "users"}
    assert of_users == {"id", "avatar_key", "session_epoch", "delete_at", "deleted_at"}
    assert {r["column_name"] for r in read if r["table_name"] != "users"} == {"user_id"}


def test_only_the_publisher_writes_what_everybody_reads(owner):
    found = rows(
        owner,
        "SELECT grantee, privilege_type FROM information_schema.role_table_grants WHERE table_schema = 'catalogue' AND privilege_type <> 'SELECT'",
    )
    assert {r["grantee"] for r in found} == {"ap_owner", "ap_publisher"}


def test_the_publisher_reaches_no_tenant_table(owner):
    found = rows(
        owner,
        "SELECT table_name FROM information_schema.role_table_grants WHERE table_schema = 'app' AND grantee = 'ap_publisher'",
    )
    assert found == []


# Demos of visitors are deleted after an hour; the policy below holds the role to them.
DEMOS_ARE_DELETED = {"run_events": [{"grantee": "ap_worker", "privilege_type": "DELETE"}]}


@pytest.mark.parametrize("table", ["audit_log", "journals", "postings", "run_events", "usage_events", "receipts"])
def test_what_happened_cannot_be_rewritten(owner, table):
    found = rows(
        owner,
        "SELECT grantee, privilege_type FROM information_schema.column_privileges WHERE table_schema = 'app' AND table_name = %s"
        " AND privilege_type = 'UPDATE' AND grantee <> 'ap_owner'"
        " UNION SELECT grantee, privilege_type FROM information_schema.role_table_grants WHERE table_schema = 'app' AND table_name = %s"
        " AND privilege_type IN ('DELETE', 'TRUNCATE') AND grantee <> 'ap_owner'",
        table,
        table,
    )
    assert found == DEMOS_ARE_DELETED.get(table, [])


def test_of_runs_and_what_tells_of_them_only_demos_are_deleted(owner):
    granted = {
        r["table_name"]
        for r in rows(
            owner,
            "SELECT table_name FROM information_schema.role_table_grants WHERE table_schema = 'app' AND privilege_type = 'DELETE'"
            " AND grantee <> 'ap_owner' AND (table_name = 'runs' OR table_name LIKE 'run\\_%%')",
        )
    }
    held = rows(
        owner,
        "SELECT c.relname AS name, pg_get_expr(p.polqual, p.polrelid) AS using FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
        " WHERE NOT p.polpermissive AND p.polcmd = 'd' AND p.polroles = ARRAY['ap_worker'::regrole::oid]",
    )
    rewritten_by_retries = {"run_items", "run_files", "run_kv"}
    assert granted - rewritten_by_retries == {r["name"] for r in held} - {"approvals", "outbox"}
    assert [r["name"] for r in held if "origin = 'demo'::text" not in r["using"]] == ["outbox"]


def test_no_reference_between_tenant_tables_leaves_the_tenant(owner):
    found = rows(
        owner,
        "SELECT k.conrelid::regclass::text AS name, pg_get_constraintdef(k.oid) AS rule FROM pg_constraint k"
        " JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid"
        " WHERE k.contype = 'f' AND c.relnamespace = 'app'::regnamespace AND t.relnamespace = 'app'::regnamespace",
    )
    assert len(found) > 15
    assert [r for r in found if "FOREIGN KEY (tenant_id" not in r["rule"]] == []


def test_no_key_of_a_tenant_table_tells_of_other_tenants(owner):
    found = rows(
        owner,
        "SELECT c.relname AS name, array_agg(a.attname::text ORDER BY o.n) AS columns FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY o (number, n)"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = o.number"
        " WHERE i.indisunique AND c.relnamespace = 'app'::regnamespace AND NOT c.relispartition GROUP BY i.indexrelid, c.relname",
    )
    loose = {(r["name"], tuple(r["columns"])) for r in found if "tenant_id" not in r["columns"]}
    assert loose == GLOBAL_KEYS
