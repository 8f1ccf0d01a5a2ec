"""What pg_catalog says about our tables; nothing here is written down twice."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

SERVING = ("app", "worker", "platform", "publisher", "broker")
TABLES = """
SELECT c.relname AS name, c.relkind = 'p' AS is_partitioned, c.relispartition AS is_partition, c.relrowsecurity AS fenced,
       c.relforcerowsecurity AS forced, pg_get_userbyid(c.relowner) AS owner
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, a.attnotnull AS required, a.atthasdef AS has_default
FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
CHECKS = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'"
ONE_OF = re.compile(r"\((\w+) = ANY \(\(?ARRAY\['([^']*)'")
VALUES: dict[str, Any] = {
    "integer": 1,
    "bigint": 1,
    "smallint": 1,
    "double precision": 1.0,
    "boolean": True,
    "jsonb": Jsonb({}),
    "text[]": [],
    "timestamp with time zone": "now",
    "date": "today",
    "bytea": b"x",
}
# Only where a CHECK asks for more than a member of a list.
WANTED: dict[tuple[str, str], Any] = {
    ("tenants", "slug"): "tenant-{tenant}",
    ("runs", "own_version_id"): "new",
    ("runs", "child_micro_usd"): 0,
}


@dataclass(frozen=True)
class Table:
    """A tenant's table. `key` is the column that says whose a row is."""

    name: str
    is_partitioned: bool
    columns: list[dict[str, Any]] = field(default_factory=list)

    @property
    def key(self) -> str:
        return "id" if self.name == "tenants" else "tenant_id"

    @property
    def qualified(self) -> sql.Composed:
        return sql.SQL("app.{}").format(sql.Identifier(self.name))


def rows(connection: psycopg.Connection, query: str, *arguments: Any) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(query, arguments).fetchall()


def tenant_tables(connection: psycopg.Connection) -> list[Table]:
    """Every table of schema app that is no partition, with its columns."""
    return [
        Table(row["name"], row["is_partitioned"], rows(connection, COLUMNS, f"app.{row['name']}"))
        for row in rows(connection, TABLES, "app")
        if not row["is_partition"]
    ]


def insert_row(connection: psycopg.Connection, table: Table, tenant_id: UUID) -> None:
    """One row of the tenant is there, made of what the columns ask for and nothing more."""
    allowed = {
        name: value
        for (check,) in connection.execute(CHECKS, (f"app.{table.name}",))
        for name, value in ONE_OF.findall(check)
    }
    values = {
        column["name"]: _value(table, column, allowed, tenant_id)
        for column in table.columns
        if column["name"] == table.key
        or (column["required"] and not column["has_default"])
        or (table.name, column["name"]) in WANTED
        or (column["required"] and column["type"] in {"bigint", "integer"})
    }
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            table.qualified,
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join([sql.Placeholder()] * len(values)),
        ),
        list(values.values()),
    )


def _value(table: Table, column: dict[str, Any], allowed: dict[str, str], tenant_id: UUID) -> Any:
    name = column["name"]
    if name == table.key:
        return tenant_id
    wanted = WANTED.get((table.name, name))
    if wanted == 0 or (isinstance(wanted, str) and "{tenant}" in wanted):
        return wanted.format(tenant=tenant_id.hex[-12:]) if wanted else wanted
    if name in allowed:
        return allowed[name]
    if column["type"] == "uuid":
        return uuid4()
    if column["type"] == "text":
        return uuid4().hex  # some are unique over all tenants
    return VALUES[column["type"]]
