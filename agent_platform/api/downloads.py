"""What a run has left, as downloads of its workspace: rows, files, log, receipt."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO
from urllib.parse import quote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from agent_platform.core import objects
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Forbidden, NotFound
from agent_platform.core.ids import parse
from agent_platform.core.policy import current_caller, policy
from agent_platform.models.runs import Run
from agent_platform.services import runs
from agent_platform.views.run_log import log_text

BATCH_ROWS = 500
BATCH_LINES = 2_000
CHUNK_BYTES = 65_536
HEAD_BYTES = 4_096
FORMULA_STARTS = ("=", "+", "-", "@")
UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
Rows = Callable[[], Iterator[dict[str, Any]]]
UNKNOWN_TYPE = "application/octet-stream"
SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"PK\x03\x04", "application/zip"),
)
PLAIN_TYPES = frozenset(
    {"text/plain", "text/csv", "text/tab-separated-values", "text/markdown", "application/json", "application/jsonl"}
)


@policy("viewer", rate="export")
def export(request: Request) -> Response:
    """Every row of the run, read in batches while it is sent. Raises: NotFound."""
    return send_export(*_own_run(request), ending=request.path_params["ending"])


@policy("viewer", rate="export")
def log(request: Request) -> Response:
    return send_log(*_own_run(request))


@policy("viewer", rate="export")
def receipt(request: Request) -> Response:
    """The signed text as it was signed, its signature and the key's name. Raises: NotFound while the run goes on."""
    return send_receipt(*_own_run(request))


@policy("viewer", rate="export")
def file(request: Request) -> Response:
    """A file the run has put, never shown in the browser. Raises: NotFound."""
    return send_file(*_own_run(request), name=request.path_params["name"])


def send_export(tenant_id: UUID, run: Run, *, ending: str) -> Response:
    """Raises: NotFound for an ending that no export has."""
    if ending not in EXPORTS:
        raise NotFound
    write, media_type = EXPORTS[ending]
    return _attachment(write(partial(_rows_of, tenant_id, run.id)), f"{_stem(run)}.{ending}", media_type)


def send_log(tenant_id: UUID, run: Run) -> Response:
    lines = (log_text(line) for line in _log_lines(tenant_id, run.id))
    return _attachment(lines, f"{_stem(run)}-log.txt", "text/plain; charset=utf-8")


def send_receipt(tenant_id: UUID, run: Run) -> Response:
    """Raises: NotFound while the run goes on."""
    with tenant_session(tenant_id) as session:
        found = runs.find_receipt(session, run_id=run.id)
    if found is None:
        raise NotFound("The receipt is signed in the moment the run ends.")
    return _attachment(iter([runs.receipt_file(found)]), f"{_stem(run)}-receipt.json", "application/json")


def send_file(tenant_id: UUID, run: Run, *, name: str) -> Response:
    """Raises: NotFound."""
    with tenant_session(tenant_id) as session:
        found = runs.get_output_file(session, run_id=run.id, name=name)
    stream = objects.open_object(objects.tenant_folder(tenant_id), found.sha256)
    head = stream.read(HEAD_BYTES)
    answer = _attachment(_chunks(head, stream), found.name, sniffed_type(head, found.media_type))
    answer.headers["Content-Length"] = str(found.bytes)
    return answer


def routes() -> list[Route]:
    base = "/download/runs/{run_id}"
    return [
        Route(f"{base}/export.{{ending}}", export, methods=["GET"]),
        Route(f"{base}/log.txt", log, methods=["GET"]),
        Route(f"{base}/receipt.json", receipt, methods=["GET"]),
        Route(f"{base}/files/{{name}}", file, methods=["GET"]),
    ]


def sniffed_type(head: bytes, declared: str) -> str:
    """What the first bytes are; a declared plain type only where they are text; else bytes that nothing opens by itself."""
    for signature, media_type in SIGNATURES:
        if head.startswith(signature):
            return media_type
    plain = declared.partition(";")[0].strip().lower()
    if plain in PLAIN_TYPES and b"\x00" not in head and _is_text(head):
        return f"{plain}; charset=utf-8"
    return UNKNOWN_TYPE


def harmless_cell(text: str) -> str:
    """A spreadsheet reads it as text, whatever it begins with. Source: security specification, section 9.

    Spreadsheets skip blanks and characters that do not show, and take full-width signs for plain ones.
    """
    first = next((letter for letter in text if unicodedata.category(letter) not in UNSEEN), "")
    is_formula = text.startswith(("\t", "\r")) or unicodedata.normalize("NFKC", first).startswith(FORMULA_STARTS)
    return f"'{text}" if is_formula else text


def _own_run(request: Request) -> tuple[UUID, Run]:
    """Unknown, foreign and misspelt ids read the same. Raises: NotFound, Forbidden."""
    tenant_id = current_caller().tenant_id
    if tenant_id is None:
        raise Forbidden("Open one of your workspaces first: this address belongs to a workspace.")
    try:
        with tenant_session(tenant_id) as session:
            return tenant_id, runs.get_run(session, run_id=parse("run", request.path_params["run_id"]))
    except NotFound:
        raise NotFound from None


def _rows_of(tenant_id: UUID, run_id: UUID) -> Iterator[dict[str, Any]]:
    """In the order they were stored. Each batch has a transaction of its own: a slow reader holds none open."""
    after = 0
    while True:
        with tenant_session(tenant_id) as session:
            items = runs.items_page(session, run_id=run_id, after=after, limit=BATCH_ROWS)
        yield from (item.payload for item in items)
        if len(items) < BATCH_ROWS:
            return
        after = items[-1].seq


def _log_lines(tenant_id: UUID, run_id: UUID) -> Iterator[runs.LogLine]:
    seq = 0
    while True:
        with tenant_session(tenant_id) as session:
            lines = runs.log_after(session, run_id=run_id, seq=seq, limit_lines=BATCH_LINES)
        if not lines:
            return
        yield from lines
        seq = lines[-1].seq


def _csv(rows: Rows) -> Iterator[str]:
    """Read twice: the names of all rows are the head of the table."""
    columns = list(dict.fromkeys(name for row in rows() for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless_cell(name) for name in columns])
    for row in rows():
        writer.writerow([_cell(row.get(name)) for name in columns])
        if out.tell() > CHUNK_BYTES:
            yield _taken(out)
    yield _taken(out)


def _json(rows: Rows) -> Iterator[str]:
    before = "["
    for row in rows():
        yield f"{before}\n{json.dumps(row, ensure_ascii=False)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _jsonl(rows: Rows) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows())


EXPORTS: dict[str, tuple[Callable[[Rows], Iterator[str]], str]] = {
    "csv": (_csv, "text/csv; charset=utf-8"),
    "json": (_json, "application/json"),
    "jsonl": (_jsonl, "application/jsonl"),
}


def _cell(value: Any) -> str:
    """A number stays one, also below zero: only text can be a formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless_cell(value.replace("\x00", ""))
    return json.dumps(value, ensure_ascii=False)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def _chunks(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        yield head
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk


def _attachment(content: Iterable[str] | Iterable[bytes], name: str, media_type: str) -> Response:
    """Saved, never opened in place: what an agent wrote must not act on our origin."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\%;' else "_" for letter in name
    )
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    answer = StreamingResponse(content, headers=headers)
    answer.headers["Content-Type"] = media_type
    return answer


def _stem(run: Run) -> str:
    """A short name for files of this run: the agent's slug and the end of the id."""
    return f"{run.agent_ref.rpartition('/')[2]}-{run.id.hex[-8:]}"


def _is_text(head: bytes) -> bool:
    """UTF-8, allowing for a letter cut at the end."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(head) == HEAD_BYTES and error.start >= len(head) - 3
    return True
