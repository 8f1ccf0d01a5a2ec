"""Database roles: one login per kind of process, none of which can see past row security or owns anything."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from agent_platform.core.embedded.folders import secret_file
from agent_platform.core.errors import Unavailable
from agent_platform.core.settings import ROLES

OWNER = "owner"
LOCK = 7_201_010
STATEMENT_TIMEOUT = {"app": "5s", "platform": "5s", "broker": "10s", "worker": "60s", "publisher": "60s"}
SERVING_SETTINGS = {
    "idle_in_transaction_session_timeout": "30s",
    "client_connection_check_interval": "5s",
    # Their statements find rows by key: planning each anew costs more than running it. The web searches, so it plans.
    "plan_cache_mode": "force_generic_plan",
}
PLANNING_SETTINGS = {"app": {"plan_cache_mode": "auto"}}
NO_ADDRESSES: Mapping[str, str] = MappingProxyType({})


class RolesMissing(Unavailable):
    code = "database_roles_missing"


def ensure_roles(owner_url: str, secrets_dir: Path, *, given: Mapping[str, str] = NO_ADDRESSES) -> dict[str, str]:
    """Every role exists; returns role -> address, `owner` too. A role with an address in `given` is left as it is;
    where it is missing and this login may make roles, it is made with the password of that address.

    A superuser's address also makes `ap_owner`, who gets the database. Passwords are kept in 0600 files.
    Raises: RolesMissing when this login may not make roles.
    """
    addresses = {OWNER: owner_url} | {role: given[role] for role in ROLES if given.get(role)}
    with psycopg.connect(owner_url) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        superuser, makes_roles = _powers(connection)
        missing = [role for role in (*([OWNER] if superuser else []), *ROLES) if role == OWNER or role not in addresses]
        if missing and not makes_roles:
            raise RolesMissing(
                "The login of DATABASE_URL may not create roles. Let an administrator run "
                f'`ALTER ROLE "{connection.info.user}" CREATEROLE`, or give '
                f"{', '.join(f'DATABASE_URL_{role.upper()}' for role in missing)}."
            )
        for role in given:
            if makes_roles and role in addresses:
                _make_as_given(connection, role, addresses[role])
        for role in missing:
            password = secret_file(secrets_dir / f"ap_{role}")
            _ensure_login(connection, role, password, superuser)
            addresses[role] = _address(owner_url, f"ap_{role}", password)
        if superuser:
            _hand_over(connection)
        _keep_strangers_out(connection)
    return addresses


def _powers(connection: psycopg.Connection) -> tuple[bool, bool]:
    row = connection.execute("select rolsuper, rolcreaterole from pg_roles where rolname = current_user").fetchone()
    superuser, createrole = row or (False, False)
    return superuser, superuser or createrole


def _ensure_login(connection: psycopg.Connection, role: str, password: str, superuser: bool) -> None:
    name = f"ap_{role}"
    login = sql.Identifier(name)
    if not _exists(connection, name):
        _create(connection, role)
    elif superuser:
        connection.execute(sql.SQL("alter role {} {}").format(login, _attributes(role)))
    _set_password(connection, role, password)


def _make_as_given(connection: psycopg.Connection, role: str, address: str) -> None:
    """Only our own names are made; a login of another name is its administrator's business."""
    parts = urlsplit(address)
    if parts.username == f"ap_{role}" and parts.password and not _exists(connection, f"ap_{role}"):
        _create(connection, role)
        _set_password(connection, role, unquote(parts.password))


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return connection.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone() is not None


def _set_password(connection: psycopg.Connection, role: str, password: str) -> None:
    name = f"ap_{role}"
    login = sql.Identifier(name)
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("alter role {} password {}").format(login, sql.Literal(verifier)))
    for setting, value in _settings(role).items():
        connection.execute(
            sql.SQL("alter role {} set {} = {}").format(login, sql.Identifier(setting), sql.Literal(value))
        )


def _create(connection: psycopg.Connection, role: str) -> None:
    try:
        connection.execute(sql.SQL("create role {} {}").format(sql.Identifier(f"ap_{role}"), _attributes(role)))
    except psycopg.errors.InsufficientPrivilege:
        raise RolesMissing(
            f"The login of DATABASE_URL may not create ap_{role} with what it needs. Let an administrator run "
            f"`CREATE ROLE ap_{role} {_attributes(role).as_string(None)}` and give DATABASE_URL_{role.upper()}."
        ) from None


def _attributes(role: str) -> sql.SQL:
    if role == "backup":
        return sql.SQL("login bypassrls")  # pg_dump needs it; never given to a process that serves
    return sql.SQL("login nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit")


def _settings(role: str) -> dict[str, str]:
    if role in STATEMENT_TIMEOUT:
        return {"statement_timeout": STATEMENT_TIMEOUT[role]} | SERVING_SETTINGS | PLANNING_SETTINGS.get(role, {})
    return {}


def _hand_over(connection: psycopg.Connection) -> None:
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("alter database {} owner to ap_owner").format(database))


def _keep_strangers_out(connection: psycopg.Connection) -> None:
    database = sql.Identifier(connection.info.dbname)
    roles = sql.SQL(", ").join(sql.Identifier(f"ap_{role}") for role in ROLES)
    connection.execute(sql.SQL("revoke all on database {} from public").format(database))
    connection.execute(sql.SQL("grant connect on database {} to {}").format(database, roles))


def _address(owner_url: str, user: str, password: str) -> str:
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}"))
