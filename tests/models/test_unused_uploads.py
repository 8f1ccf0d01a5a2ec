"""Files that were uploaded before any was ever deleted: what a run or an answer names stays, the rest has one more day."""

from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from agent_platform.core.db.migrate import upgrade
from agent_platform.core.ids import shown
from tests.tenancy.catalogue import insert_row, tenant_tables

BEFORE = """
    DROP INDEX app.ix_run_files_expiry, app.ix_run_files_bytes;
    DROP POLICY ap_worker_select ON app.run_files;
    REVOKE UPDATE (expires_at) ON app.run_files FROM ap_worker;
    UPDATE alembic_version SET version_num = '202611301220';
"""
FILE = (
    "INSERT INTO app.run_files (tenant_id, id, kind, name, media_type, bytes, sha256, expires_at)"
    " VALUES (%s, %s, 'input', %s, '', 1, '', now() - interval '9 days')"
)


@pytest.fixture
def god(database):
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # rows without their parents
        yield connection


def put(god, name, tenant):
    file_id = uuid4()
    god.execute(FILE, (tenant, file_id, name))
    return shown("file", file_id)


def test_what_was_named_stays_and_the_rest_has_one_more_day(god, database):
    god.execute(BEFORE)
    here, there = uuid4(), uuid4()
    tables = {table.name: table for table in tenant_tables(god)}
    for tenant in (here, there):
        for name in ("runs", "approvals", "demo_uploads"):
            insert_row(god, tables[name], tenant)
    file = {name: put(god, name, here) for name in ("field", "list", "capitals", "answer", "demo", "unused", "foreign")}
    capitals = file["capitals"].upper().replace("FILE_", "file_")
    given = {"a": file["field"], "b": [capitals, file["list"]], "c": "file_", "d": 1, "e": None, "f": {"file_": 2}}
    god.execute("UPDATE app.runs SET input = %s WHERE tenant_id = %s", (Jsonb(given), here))
    god.execute("UPDATE app.runs SET input = %s WHERE tenant_id = %s", (Jsonb({"a": file["foreign"]}), there))
    god.execute("UPDATE app.approvals SET answer = %s WHERE tenant_id = %s", (Jsonb({"a": file["answer"]}), here))
    god.execute(
        "UPDATE app.demo_uploads SET id = (SELECT id FROM app.run_files WHERE name = 'demo') WHERE tenant_id = %s",
        (here,),
    )
    upgrade(database.owner)
    kept = god.execute("SELECT name FROM app.run_files WHERE expires_at IS NULL").fetchall()
    assert {name for (name,) in kept} == {"field", "list", "capitals", "answer", "demo"}
    left = god.execute(
        "SELECT name FROM app.run_files WHERE expires_at BETWEEN now() + interval '23 hours' AND now() + interval '24 hours'"
    ).fetchall()
    assert {name for (name,) in left} == {"unused", "foreign"}


def test_the_fence_stands_again_afterwards(god, database):
    god.execute(BEFORE)
    upgrade(database.owner)
    open_to_the_owner = god.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition AND NOT relforcerowsecurity"
    ).fetchall()
    assert open_to_the_owner == []
