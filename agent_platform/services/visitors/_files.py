"""Files of visitors: sent for demos of one agent, named by a key that only their sender has, gone with the last demo that names them.

Whoever sends them is not known, and may never start a demo: all that is stored is bounded by address, by agent and as a whole.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import Problem
from agent_platform.core.ids import digest, new_secret, shown
from agent_platform.core.keys import web_signing_key
from agent_platform.core.uploads import MOST_DEMO_BYTES
from agent_platform.models.demos import DemoUpload
from agent_platform.services import catalog, runs
from agent_platform.services.visitors import _limits
from agent_platform.services.visitors._agent import agent_to_try, demo_workspace
from agent_platform.services.visitors._rules import (
    AGENT_FILES_BYTES,
    ALL_FILES_BYTES,
    HOUR_FILES,
    KEY,
    LEAST_FILE_BYTES,
    SHOWN_MINUTES,
    marks_of,
    minutes_until,
)
from agent_platform.services.visitors.errors import DemoLimit, DemoRefused

LOCK = 7_201_011
FILE_ID = re.compile(r"file_[0-9a-fA-F]{32}")
FULL = "Visitors have sent as many files as are kept at once. Write into the other fields, come back within the hour, or make an account and upload it."
STORED = text(
    "SELECT count(*) FILTER (WHERE is_theirs) AS sent, min(created_at) FILTER (WHERE is_theirs) + make_interval(mins => :minutes) AS free_at,"
    " clock_timestamp() AS now, coalesce(sum(greatest(bytes, :least)) FILTER (WHERE listing_id = :listing), 0)::bigint AS of_agent,"
    " coalesce(sum(greatest(bytes, :least)), 0)::bigint AS in_all FROM (SELECT *,"
    " address_hash = ANY(:marks) AND created_at > now() - make_interval(mins => :minutes) AS is_theirs"
    " FROM app.demo_uploads WHERE tenant_id = :tenant) stored"
)
NAME = text(
    "UPDATE app.demo_uploads SET expires_at = greatest(expires_at, now() + make_interval(mins => :minutes))"
    " WHERE tenant_id = :tenant AND listing_id = :listing AND key_hash = ANY(:keys) AND expires_at > now()"
    " RETURNING key_hash, id, bytes"
)


@dataclass(frozen=True)
class SentFile:
    """`key` is told to the sender alone and kept nowhere."""

    key: str
    name: str
    bytes: int


@dataclass(frozen=True)
class Named:
    """Input as a run takes it, and how large the files are that it names."""

    given: dict[str, Any]
    bytes: int


def refuse_file(*, publisher: str, slug: str, address: str) -> None:
    """Returns if this visitor may send one more file for the agent now. Raises: as `store_file`."""
    with tenant_session(demo_workspace()) as session:
        _require_room(session, agent_to_try(session, publisher=publisher, slug=slug), _marks(address))


def store_file(
    *, publisher: str, slug: str, address: str, name: str, media_type: str, chunks: Iterable[bytes]
) -> SentFile:
    """The file may be named in demos of this agent for an hour, by its key.

    Raises: DemoRefused for an agent that is not tried or takes no file, DemoLimit, TooLarge, InputInvalid, AgentNotFound, AgentSuspended.
    """
    marks, key = _marks(address), new_secret()
    with tenant_session(demo_workspace()) as session:
        agent = agent_to_try(session, publisher=publisher, slug=slug)
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        _require_room(session, agent, marks)
        sent = {"name": name, "media_type": media_type, "chunks": chunks}
        kept = runs.store_upload(session, **sent, by=None, most_bytes=MOST_DEMO_BYTES)
        kept.expires_at = None  # it goes with the row below
        assert agent.listing_id is not None
        session.add(
            DemoUpload(
                tenant_id=session.tenant_id,
                id=kept.id,
                listing_id=agent.listing_id,
                key_hash=digest(key),
                address_hash=marks[0],
                bytes=kept.bytes,
                expires_at=session.execute(
                    text("SELECT now() + make_interval(mins => :minutes)"), {"minutes": SHOWN_MINUTES}
                ).scalar_one(),
            )
        )
        return SentFile(key, kept.name, kept.bytes)


def name_files(session: TenantSession, agent: catalog.Runnable, given: dict[str, Any]) -> Named:
    """Each key has given way to the id of its file, which stays for another hour.

    No id that comes from outside is taken: all visitors share the workspace.

    Raises: DemoRefused.
    """
    if any(FILE_ID.fullmatch(value) for value in runs.file_ids(given)):
        raise DemoRefused("A demo reads only files that were chosen in its own form. Leave their ids out.")
    fields = list(runs.file_fields(agent.manifest.input_schema, given))
    found = _found(session, agent, {value for _, _, value in fields})
    for name, field, value in fields:
        if value not in found:
            raise _gone(name, field)
    replaced = {name: _replaced(given[name], found) for name, _, _ in fields}
    return Named({**given, **replaced}, sum(size for _, size in found.values()))


def _found(session: TenantSession, agent: catalog.Runnable, keys: set[str]) -> dict[str, tuple[str, int]]:
    """By key: (id as input names it, bytes)."""
    hashes = {digest(key): key for key in keys if KEY.fullmatch(key)}
    if not hashes:
        return {}
    asked = {"tenant": session.tenant_id, "listing": agent.listing_id, "keys": list(hashes), "minutes": SHOWN_MINUTES}
    rows = session.execute(NAME, asked)
    return {hashes[row.key_hash]: (shown("file", row.id), row.bytes) for row in rows}


def _replaced(value: Any, found: dict[str, tuple[str, int]]) -> Any:
    """What is no file's key is left to the check of the input."""
    if isinstance(value, list):
        return [found[one][0] if isinstance(one, str) else one for one in value]
    return found[value][0] if isinstance(value, str) else value


def _gone(name: str, field: dict[str, Any]) -> DemoRefused:
    said = f"{field.get('title', name)} names a file that is not there: a visitor's files are deleted after an hour. Choose it again."
    return DemoRefused(said, errors=(Problem(name, said),))


def _require_room(session: TenantSession, agent: catalog.Runnable, marks: list[str]) -> None:
    if not _takes_files(agent):
        raise DemoRefused(f"{agent.name} takes no files. Nothing was stored.")
    _limits.refuse_used_up(session, agent, marks=marks)  # a file for no demo
    asked: dict[str, UUID | int | list[str] | None] = {
        "tenant": session.tenant_id,
        "listing": agent.listing_id,
        "marks": marks,
        "minutes": SHOWN_MINUTES,
        "least": LEAST_FILE_BYTES,
    }
    stored = session.execute(STORED, asked).one()
    if stored.sent >= HOUR_FILES:
        minutes = minutes_until(stored.free_at, stored.now)
        raise DemoLimit(
            f"{stored.sent} files were sent from your address within an hour, the most there are. The next one is possible in"
            f" {minutes} {'minute' if minutes == 1 else 'minutes'}; with an account you upload it now. Nothing was stored.",
            retry_after_seconds=minutes * 60,
        )
    if stored.of_agent + MOST_DEMO_BYTES > AGENT_FILES_BYTES or stored.in_all + MOST_DEMO_BYTES > ALL_FILES_BYTES:
        raise DemoLimit(FULL, retry_after_seconds=600)


def _takes_files(agent: catalog.Runnable) -> bool:
    """Whether a field of its input is a file."""
    schema = agent.manifest.input_schema
    probe = dict.fromkeys(schema.get("properties", {}), "")
    return any(True for _ in runs.file_fields(schema, probe))


def _marks(address: str) -> list[str]:
    return marks_of(address, web_signing_key(), datetime.now(UTC))
