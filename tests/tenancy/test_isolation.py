"""S-02: every tenant table x every serving role x every command, as another tenant, as none and as nonsense."""

from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from tests.tenancy.catalogue import SERVING, Table, insert_row, rows, tenant_tables

pytestmark = pytest.mark.sec
A, B = uuid4(), uuid4()
# Beside their own tenant these may, by design: the platform finds workspaces and their members, look-ups and the queue;
# workers keep queue and outbox; the broker finds the tenant of a run token. `test_catalogue` holds the policies to it.
SEEN_BY_PLATFORM = ("tenants", "memberships", "lookups", "dispatch", "publication_requests", "reports")
MAY_READ = {(table, "platform") for table in SEEN_BY_PLATFORM}
MAY_WRITE = {("tenants", "platform"), ("dispatch", "worker"), ("outbox", "worker")}


@pytest.fixture(scope="module")
def world(urls):
    """One row of A and one of B in every table; `snapshot()` is everything of A, read by the owner."""
    with psycopg.connect(urls.superuser, autocommit=True) as god:
        god.execute("GRANT SET ON PARAMETER session_replication_role TO ap_owner")  # rows without their parents
    with psycopg.connect(urls.owner) as owner:
        tables = tenant_tables(owner)
        for tenant in (A, B):
            owner.execute("SET LOCAL session_replication_role = replica")
            bind(owner, tenant)
            for table in tables:
                insert_row(owner, table, tenant)
            owner.commit()

        def snapshot() -> dict[str, str]:
            bind(owner, A)
            query = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
            found = {t.name: owner.execute(sql.SQL(query).format(t.qualified)).fetchone()[0] for t in tables}
            owner.rollback()
            return found

        before = snapshot()
        assert all(before.values())
        yield {table.name: table for table in tables}
        assert snapshot() == before


def names(connection_urls=None) -> list[str]:
    from sqlmodel import SQLModel

    import agent_platform.models  # noqa: F401

    return sorted(table.name for table in SQLModel.metadata.tables.values() if table.schema == "app")


def bind(connection: psycopg.Connection, tenant: UUID | str | None) -> None:
    if tenant is not None:
        connection.execute("SELECT set_config('app.tenant_id', %s, true)", (str(tenant),))


@pytest.fixture(scope="module")
def connections(urls):
    opened = {role: psycopg.connect(getattr(urls, role)) for role in SERVING}
    yield opened
    for connection in opened.values():
        connection.close()


def attempt(connection, tenant, statement, *arguments) -> int | str:
    """How many rows the statement touched, or the error that refused it; nothing of it stays."""
    try:
        bind(connection, tenant)
        return connection.execute(statement, arguments).rowcount
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidTextRepresentation) as error:
        return type(error).__name__
    finally:
        connection.rollback()


def test_the_models_name_every_tenant_table(world):
    assert names() == sorted(world)


@pytest.mark.parametrize("role", SERVING)
@pytest.mark.parametrize("name", names())
class TestAnotherTenant:
    def test_reads_nothing(self, world, connections, name, role):
        table: Table = world[name]
        query = sql.SQL("SELECT * FROM {} WHERE {} = %s").format(table.qualified, sql.Identifier(table.key))
        for tenant in (B, None, "", "nonsense"):
            found = attempt(connections[role], tenant, query, A)
            if (name, role) in MAY_READ | MAY_WRITE:
                assert found in {1, "InvalidTextRepresentation"}
            else:
                assert found in {0, "InsufficientPrivilege", "InvalidTextRepresentation"}

    def test_changes_nothing(self, world, connections, name, role):
        table: Table = world[name]
        key = sql.Identifier(table.key)
        assignable = granted_columns(connections[role], table) or [table.key]
        change = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(table.qualified, same(assignable), key)
        delete = sql.SQL("DELETE FROM {} WHERE {} = %s").format(table.qualified, key)
        for tenant in (B, None, ""):
            refused = {0, "InsufficientPrivilege"}
            assert attempt(connections[role], tenant, delete, A) in (
                refused | {1} if (name, role) in MAY_WRITE else refused
            )
            assert attempt(connections[role], tenant, change, A) in (
                refused | {1} if (name, role) in MAY_WRITE else refused
            )

    def test_adds_and_moves_nothing(self, world, connections, name, role):
        table: Table = world[name]
        connection = connections[role]
        if (name, role) in MAY_WRITE:
            pytest.skip("writes for every tenant by design")
        for tenant in (B, None, ""):
            bind(connection, tenant)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                insert_row(connection, table, A)
            connection.rollback()
        move = sql.SQL("UPDATE {} SET {} = %s").format(table.qualified, sql.Identifier(table.key))
        assert attempt(connection, B, move, A) in {0, "InsufficientPrivilege"}


def granted_columns(connection, table: Table) -> list[str]:
    found = rows(
        connection,
        "SELECT column_name FROM information_schema.column_privileges WHERE table_schema = 'app' AND table_name = %s"
        " AND grantee = current_user AND privilege_type = 'UPDATE'",
        table.name,
    )
    connection.rollback()
    return [row["column_name"] for row in found]


def same(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{0} = {0}").format(sql.Identifier(column)) for column in columns)


@pytest.mark.parametrize("role", SERVING)
def test_no_partition_can_be_read_directly(world, connections, role):
    partitions = rows(
        connections[role],
        "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relispartition AND c.relkind = 'r' AND c.relnamespace = 'app'::regnamespace",
    )
    connections[role].rollback()
    assert partitions
    for partition in partitions:
        statement = sql.SQL("SELECT * FROM {}").format(sql.SQL(partition["name"]))
        assert attempt(connections[role], A, statement) == "InsufficientPrivilege"


@pytest.mark.parametrize("role", SERVING)
def test_every_function_and_view_keeps_to_the_bound_tenant(world, connections, role):
    connection = connections[role]
    bind(connection, B)
    assert connection.execute("SELECT app.tenant()").fetchone()[0] == B
    connection.rollback()
    assert connection.execute("SELECT app.tenant()").fetchone()[0] is None
    views = rows(
        connection, "SELECT schemaname, viewname FROM pg_views WHERE schemaname IN ('app', 'platform', 'catalogue')"
    )
    connection.rollback()
    for view in views:
        statement = sql.SQL("SELECT * FROM {}.{} WHERE tenant_id = %s").format(*map(sql.Identifier, view.values()))
        assert attempt(connection, B, statement, A) in {0, "InsufficientPrivilege"}
