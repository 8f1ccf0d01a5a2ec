"""Keys and values an agent keeps: with the run (`kv`) and with tenant and agent (`state`)."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import InputInvalid, NotFound, TooLarge
from agent_platform.services.runs._events import storable
from agent_platform.services.runs._speaker import speaking_attempt

MOST_KEYS = 1_000
MOST_VALUE_BYTES = 65_536
MOST_KEY_CHARACTERS = 200
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


def set_value(session: TenantSession, store: str, *, run_id: UUID, attempt: int, key: str, body: bytes) -> None:
    """Raises: TooLarge, InputInvalid, TokenDead."""
    if len(body) > MOST_VALUE_BYTES:
        raise TooLarge(f"A value may have {MOST_VALUE_BYTES // 1024} KiB. Put large content into a file.")
    if not 0 < len(key) <= MOST_KEY_CHARACTERS or not key.isprintable():
        raise InputInvalid(f"A key has 1 to {MOST_KEY_CHARACTERS} printable characters.")
    value = _json(body)
    table, column, owner = _place(session, store, run_id, attempt)
    _refuse_many(session, table, column, owner, key)
    session.execute(
        text(
            f"INSERT INTO app.{table} (tenant_id, {column}, key, value{_version(store)[0]}) VALUES (:tenant, :owner, :key, CAST(:value AS jsonb)"
            f"{_version(store)[1]}) ON CONFLICT (tenant_id, {column}, key) DO UPDATE SET value = excluded.value"
        ),
        {"tenant": session.tenant_id, "owner": owner, "key": key, "value": json.dumps(value)},
    )


def delete_value(session: TenantSession, store: str, *, run_id: UUID, attempt: int, key: str) -> None:
    table, column, owner = _place(session, store, run_id, attempt)
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


def _version(store: str) -> tuple[str, str]:
    return (", version", ", 1") if store == "state" else ("", "")


def _json(body: bytes) -> Any:
    try:
        return storable(json.loads(body))
    except (ValueError, RecursionError):
        raise InputInvalid("The value must be JSON.") from None
