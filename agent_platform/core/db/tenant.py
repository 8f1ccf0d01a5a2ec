"""The one place that gives a session its tenant."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy.orm
from psycopg import sql
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from agent_platform.core.db.engine import distrust_connections, engine_of, serving_role


class NoTenant(RuntimeError):
    """A session was used before it was told its tenant or its scope."""


class TenantSession(Session):
    """Sees and writes the rows of one tenant."""

    @property
    def tenant_id(self) -> UUID:
        return self.info["tenant_id"]


class PublicSession(Session):
    """Reads the catalogue, which has no tenant."""


@contextmanager
def tenant_session(tenant_id: UUID) -> Iterator[TenantSession]:
    """One transaction of one tenant: committed at the end of the block, rolled back by an exception."""
    with (
        TenantSession(engine_of(serving_role()), info={"tenant_id": tenant_id}, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


@contextmanager
def public_session() -> Iterator[PublicSession]:
    with (
        PublicSession(engine_of(serving_role()), info={"scope": "public"}, expire_on_commit=False) as session,
        session.begin(),
    ):
        yield session


@event.listens_for(sqlalchemy.orm.Session, "after_begin")
def bind_tenant(session: sqlalchemy.orm.Session, _transaction: Any, connection: Connection) -> None:
    tenant_id = session.info.get("tenant_id")
    if tenant_id is None and session.info.get("scope") is None:
        raise NoTenant("Open a session with tenant_session, public_session or the session of a named scope.")
    if tenant_id is not None:
        _begin(connection, tenant_id)


def _begin(connection: Connection, tenant_id: Any) -> None:
    """The transaction is open and bound to the tenant, in one round trip. A savepoint lies in an open one already."""
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status != TransactionStatus.IDLE:
        return
    driver.autocommit = True  # else psycopg would send a BEGIN of its own first
    try:
        driver.execute(BEGIN.format(sql.Literal(str(tenant_id))), prepare=False)
    except psycopg.OperationalError as error:
        connection.invalidate(error)
        distrust_connections()
        raise OperationalError("BEGIN", None, error) from error


BEGIN = sql.SQL("BEGIN; SELECT set_config('app.tenant_id', {}, true)")
