"""Databases for tests: clones of the migrated template. One in which nothing but rows was written is emptied and lent again.

A clone is a thousand files to copy and to drop; to find and delete the rows of a test costs a tenth of that.
"""

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import psycopg

TEMPLATE = "agent_platform"
MOST_LOANS = 50  # nothing vacuums away what is deleted
PATIENCE_SECONDS = 0.5  # with sessions that are about to end
TABLES = "pg_class WHERE relkind = 'r' AND NOT relisshared"
WRITTEN = f"""
    SELECT oid::regclass::text, relnamespace = 'pg_catalog'::regnamespace FROM {TABLES}
    AND pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid) > 0
"""
OURS = (
    f"SELECT oid::regclass::text FROM {TABLES} AND oid >= 16384"  # the first id that Postgres does not keep for itself
)
OTHERS = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
RESTART = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
"""


@dataclasses.dataclass(frozen=True)
class DatabaseUrls:
    owner: str
    app: str
    worker: str
    platform: str
    publisher: str
    broker: str
    backup: str
    superuser: str

    def on(self, name: str) -> "DatabaseUrls":
        """The same logins on another database."""
        return DatabaseUrls(**{role: _on(url, name) for role, url in dataclasses.asdict(self).items()})


class Databases:
    """All of one server. Nobody may connect to the template: one in use cannot be cloned."""

    def __init__(self, template: DatabaseUrls) -> None:
        self._template = template
        self._numbers = count(1)
        self._free: list[
            str
        ] = []  # names of databases that are gone, given again: what was compiled for an address is used again
        self._idle: list[tuple[str, int]] = []
        self._seeded: set[str] = set()

    @contextmanager
    def lend(self) -> Iterator[DatabaseUrls]:
        """Role addresses of a database that is as migrations leave it, and nobody else's meanwhile."""
        name, loans = self._idle.pop() if self._idle else (self._clone(), 1)
        try:
            yield self._template.on(name)
        finally:
            if loans < MOST_LOANS and self._emptied(name):
                self._idle.append((name, loans + 1))
            else:
                self._execute(f"DROP DATABASE {name} WITH (FORCE)")
                self._free.append(name)

    def _clone(self) -> str:
        name = self._free.pop() if self._free else f"test_{next(self._numbers)}"
        roles = ", ".join(f"ap_{role.name}" for role in dataclasses.fields(DatabaseUrls) if role.name != "superuser")
        self._execute(
            f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER ap_owner",
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {name} TO {roles}",
        )
        if not self._seeded:
            self._seeded = self._filled(name)
        return name

    def _filled(self, name: str) -> set[str]:
        """The tables in which migrations have left rows."""
        with self._connected(name) as connection:
            ours = [table for (table,) in connection.execute(OURS)]
            return {table for table in ours if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()}

    def _emptied(self, name: str) -> bool:
        """The database is again as it was cloned. False if more than rows was written in it, or rows of migrations were."""
        with self._connected(name) as connection:
            if not _is_alone(connection):
                return False
            written = connection.execute(WRITTEN).fetchall()
            if any(of_postgres or table in self._seeded for table, of_postgres in written):
                return False
            connection.execute("SET session_replication_role = replica")  # rows go without their triggers and parents
            connection.execute("; ".join([f"DELETE FROM {table}" for table, _ in written] or ["SELECT"]))
            connection.execute(RESTART)
            connection.execute("SELECT pg_stat_force_next_flush()")
            connection.execute("SELECT pg_stat_reset()")
        return True

    def _execute(self, *commands: str) -> None:
        with self._connected("postgres") as connection:
            for command in commands:
                connection.execute(command)

    def _connected(self, name: str) -> psycopg.Connection:
        return psycopg.connect(_on(self._template.superuser, name), autocommit=True)


def _is_alone(connection: psycopg.Connection) -> bool:
    """No other session is left, and what the last one wrote is counted; whoever stayed was shown the door."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while connection.execute(f"SELECT 1 FROM {OTHERS} LIMIT 1").fetchone():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.005)
    return True


def _on(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
