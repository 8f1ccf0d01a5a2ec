"""Keys and values an agent keeps: with the run (`kv`) and with tenant and agent (`state`)."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict, InputInvalid, NotFound, TooLarge
from agent_platform.core.storable import read_storable
from agent_platform.models.runs import Run
from agent_platform.services.runs._speaker import speaking_attempt

MOST_KEYS = 1_000
MOST_VALUE_BYTES = 65_536
MOST_KEY_CHARACTERS = 200
VERSIONED = text(
    "SELECT value, version FROM app.agent_state WHERE tenant_id = :tenant AND agent_ref = :owner AND key = :key"
)
ADD = text(
    "INSERT INTO app.agent_state (tenant_id, agent_ref, key, value, version) VALUES (:tenant, :owner, :key, CAST(:value AS jsonb), 1)"
    " ON CONFLICT (tenant_id, agent_ref, key) DO NOTHING RETURNING version"
)
REPLACE = text(
    "UPDATE app.agent_state SET value = CAST(:value AS jsonb), version = version + 1"
    " WHERE tenant_id = :tenant AND agent_ref = :owner AND key = :key AND version = :version RETURNING version"
)
# store -> (table, column that owns the key)
STORES = {"kv": ("run_kv", "run_id"), "state": ("agent_state", "agent_ref")}


def get_value(session: TenantSession, store: str, *, run_id: UUID, attempt: int, key: str) -> Any:
    """Raises: NotFound, TokenDead."""
    table, column, owner = _place(session, store, run_id, attempt)
    row = session.execute(
        text(f"SELECT value FROM app.{table} WHERE tenant_id = :tenant AND {column} = :owner AND key = :key"),
        {"tenant": session.tenant_id, "owner": owner, "key": key},
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no key {key!r}.")
    return row.value


def get_versioned(session: TenantSession, *, run_id: UUID, attempt: int, key: str) -> dict[str, Any]:
    """Value and version of a key of the state; version 0 says that there is none."""
    _, _, owner = _place(session, "state", run_id, attempt)
    row = session.execute(VERSIONED, {"tenant": session.tenant_id, "owner": owner, "key": key}).one_or_none()
    return {"value": row.value, "version": row.version} if row else {"value": None, "version": 0}


def replace_value(session: TenantSession, *, run_id: UUID, attempt: int, key: str, body: bytes, version: int) -> None:
    """The state holds the value if nobody wrote the key since it had this version. Raises: Conflict and as `set_value`."""
    value = _checked(key, body)
    table, column, owner = _place(session, "state", run_id, attempt)
    if _is_dry(session, run_id):
        return
    _refuse_many(session, table, column, owner, key)
    facts = {"tenant": session.tenant_id, "owner": owner, "key": key, "value": json.dumps(value), "version": version}
    if session.execute(REPLACE if version else ADD, facts).one_or_none() is None:
        raise Conflict(f"Somebody else wrote {key!r} meanwhile. Read it again.")


def set_value(session: TenantSession, store: str, *, run_id: UUID, attempt: int, key: str, body: bytes) -> None:
    """Raises: TooLarge, InputInvalid, TokenDead."""
    value = _checked(key, body)
    table, column, owner = _place(session, store, run_id, attempt)
    if store == "state" and _is_dry(session, run_id):
        return
    _refuse_many(session, table, column, owner, key)
    session.execute(
        text(
            f"INSERT INTO app.{table} (tenant_id, {column}, key, value{_version(store)[0]}) VALUES (:tenant, :owner, :key, CAST(:value AS jsonb)"
            f"{_version(store)[1]}) ON CONFLICT (tenant_id, {column}, key) DO UPDATE SET value = excluded.value{_version(store)[2]}"
        ),
        {"tenant": session.tenant_id, "owner": owner, "key": key, "value": json.dumps(value)},
    )


def delete_value(session: TenantSession, store: str, *, run_id: UUID, attempt: int, key: str) -> None:
    table, column, owner = _place(session, store, run_id, attempt)
    if store == "state" and _is_dry(session, run_id):
        return
    session.execute(
        text(f"DELETE FROM app.{table} WHERE tenant_id = :tenant AND {column} = :owner AND key = :key"),
        {"tenant": session.tenant_id, "owner": owner, "key": key},
    )


def list_keys(session: TenantSession, store: str, *, run_id: UUID, attempt: int, prefix: str) -> list[str]:
    table, column, owner = _place(session, store, run_id, attempt)
    return list(
        session.execute(
            text(
                f"SELECT key FROM app.{table} WHERE tenant_id = :tenant AND {column} = :owner AND starts_with(key, :prefix) ORDER BY key"
            ),
            {"tenant": session.tenant_id, "owner": owner, "prefix": prefix},
        ).scalars()
    )


def _place(session: TenantSession, store: str, run_id: UUID, attempt: int) -> tuple[str, str, Any]:
    run, _ = speaking_attempt(session, run_id, attempt)
    table, column = STORES[store]
    return table, column, run.id if store == "kv" else run.agent_ref


def _refuse_many(session: TenantSession, table: str, column: str, owner: Any, key: str) -> None:
    others = session.execute(
        text(f"SELECT count(*) FROM app.{table} WHERE tenant_id = :tenant AND {column} = :owner AND key <> :key"),
        {"tenant": session.tenant_id, "owner": owner, "key": key},
    ).scalar_one()
    if others >= MOST_KEYS:
        raise InputInvalid(f"At most {MOST_KEYS:,} keys can be kept. Delete some first.")


def _version(store: str) -> tuple[str, str, str]:
    return (", version", ", 1", ", version = agent_state.version + 1") if store == "state" else ("", "", "")


def _checked(key: str, body: bytes) -> Any:
    if len(body) > MOST_VALUE_BYTES:
        raise TooLarge(f"A value may have {MOST_VALUE_BYTES // 1024} KiB. Put large content into a file.")
    if not 0 < len(key) <= MOST_KEY_CHARACTERS or not key.isprintable():
        raise InputInvalid(f"A key has 1 to {MOST_KEY_CHARACTERS} printable characters.")
    return _json(body)


def _is_dry(session: TenantSession, run_id: UUID) -> bool:
    """A dry run reads what other runs keep and leaves it as it was."""
    return session.get_one(Run, (session.tenant_id, run_id)).is_dry_run


def _json(body: bytes) -> Any:
    try:
        return read_storable(body)
    except (ValueError, RecursionError):
        raise InputInvalid("The value must be JSON.") from None
