"""What of a run may be shown to everybody, and how much of it is kept."""

import json
import re
from collections.abc import Iterator
from typing import Any

from agent_platform.core import objects
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound
from agent_platform.models.run_records import RunFile
from agent_platform.models.runs import Run
from agent_platform.services import agents, runs
from agent_platform.services.examples._facts import Kept, KeptFile
from agent_platform.services.examples.errors import ExampleRefused

MOST_ROWS = 100
MOST_ROWS_BYTES = 256 << 10
MOST_INPUT_BYTES = 64 << 10
MOST_RESULT_BYTES = 64 << 10
MOST_FILES = 50
MOST_TEXT_BYTES = 32 << 10
MOST_TEXTS = 3
TEXT_TYPES = frozenset({"text/plain", "text/csv", "text/tab-separated-values", "text/markdown", "application/json"})
FILE_ID = re.compile(r"file_[0-9a-fA-F]{32}")
CONFIDENTIAL = "This run was given a secret. A run with a secret never becomes an example, not even without it."
CONNECTED = (
    "This agent works with connections of a workspace, and what they return is not for everybody. It has no examples."
)
WITH_FILE = "This run was given a file. Examples keep typed input only: run it once more with its text in the form, then save that run."


def why_private(manifest: agents.Manifest, given: dict[str, Any]) -> str:
    """Why what this run was given must not be shown, in a sentence; empty where everybody may read it."""
    if _fills(manifest.input_schema, given, "secret"):
        return CONFIDENTIAL
    if manifest.permissions["connections"] or _fills(manifest.input_schema, given, "connection"):
        return CONNECTED
    if any(FILE_ID.fullmatch(text) for text in _texts(given)):
        return WITH_FILE
    size = _size(given)
    if size > MOST_INPUT_BYTES:
        return f"The input of this run has {size // 1024 + 1} KB; an example keeps {MOST_INPUT_BYTES // 1024} KB at most. Run it with less, then save that run."
    return ""


def keep(session: TenantSession, run: Run, output: dict[str, Any]) -> Kept:
    """A copy of what the run was given and put out, within the limits above. Raises: ExampleRefused for a result beyond them."""
    if _size(run.result) > MOST_RESULT_BYTES:
        raise ExampleRefused(
            f"The result of this run has more than {MOST_RESULT_BYTES // 1024} KB, which is too much for a page. Nothing was saved."
        )
    items = runs.items_at(session, run_id=run.id, offset=0, limit=MOST_ROWS)
    files = runs.list_output_files(session, run_id=run.id)
    rows = list(_first([item.payload for item in items]))
    return Kept(dict(run.input), rows, run.item_count, run.result, list(_files(session, files, output)))


def _first(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Whole rows, as many as fit."""
    left = MOST_ROWS_BYTES
    for row in rows:
        left -= _size(row)
        if left < 0:
            return
        yield row


def _files(session: TenantSession, files: list[RunFile], output: dict[str, Any]) -> Iterator[KeptFile]:
    """Names of all, and the text of those few that a view draws."""
    drawn = {view["file"] for view in output.get("views") or [] if view.get("file")}
    promised = {entry.get("name"): entry.get("media_type") for entry in output.get("files") or []}
    texts = 0
    for found in files[:MOST_FILES]:
        media_type = promised.get(found.name) or found.media_type
        text = _text(session, found, media_type) if found.name in drawn and texts < MOST_TEXTS else None
        texts += text is not None
        yield KeptFile(found.name, media_type, found.bytes, text)


def _text(session: TenantSession, found: RunFile, media_type: str) -> str | None:
    """None for what is long, is no text, or is gone."""
    if media_type.partition(";")[0].strip().lower() not in TEXT_TYPES or found.bytes > MOST_TEXT_BYTES:
        return None
    try:
        content = objects.read_bytes(objects.tenant_folder(session.tenant_id), found.sha256)
        return None if b"\0" in content else content.decode("utf-8-sig")
    except (NotFound, UnicodeDecodeError):
        return None


def _fills(schema: dict[str, Any], given: dict[str, Any], mark: str) -> bool:
    """Whether the input has a value for a field that carries the mark, at any depth. A mark elsewhere counts for every input."""
    known = schema.get("properties") or {}
    elsewhere = {name: part for name, part in schema.items() if name != "properties"}
    filled = {name for name, value in given.items() if value not in ("", None, [], {})}
    return bool(filled) and (
        _is_marked(elsewhere, mark) or any(_is_marked(known[name], mark) for name in filled if name in known)
    )


def _is_marked(part: Any, mark: str) -> bool:
    if isinstance(part, list):
        return any(_is_marked(one, mark) for one in part)
    if not isinstance(part, dict):
        return False
    found = part.get(mark)
    is_mark = found is True or (isinstance(found, str) and bool(found)) or part.get("editor") == mark
    return is_mark or any(_is_marked(one, mark) for one in part.values())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _size(value: Any) -> int:
    """As JSON, in bytes."""
    return len(json.dumps(value, ensure_ascii=False).encode())
