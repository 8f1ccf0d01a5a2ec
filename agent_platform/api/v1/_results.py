"""Files for a run, and what it has left: rows in three notations, files, the receipt. Taken and written as for people."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_platform.api import downloads, uploads
from agent_platform.api.v1 import _asked, _shapes
from agent_platform.api.v1._doors import Access
from agent_platform.api.v1._problems import PRIVATE
from agent_platform.api.v1._runs import own_run, run_id_of
from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.runs import Run
from agent_platform.services import runs

WHOLE = {"text/csv": "csv", "application/jsonl": "jsonl"}  # by what the client accepts
CURSOR = re.compile(r"after-([0-9]{1,9})")


def items(request: Request, access: Access) -> Response:
    """A page of rows as JSON; all of them as CSV or JSON lines, if the client asks for that first."""
    if ending := _whole(request):
        return downloads.send_export(access.tenant_id, _run(request, access), ending=ending)
    given = _asked.read_query(request, ("limit", "cursor"))
    limit, after = _asked.limit_of(given), _after(_asked.last(given, "cursor"))
    with tenant_session(access.tenant_id) as session:
        run = own_run(session, run_id_of(request))
        found = runs.items_page(session, run_id=run.id, after=after, limit=limit + 1)
    page = found[:limit]
    onward = f"after-{page[-1].seq}" if len(found) > limit else None
    return JSONResponse({"data": [_shapes.item(one) for one in page], "next_cursor": onward}, headers=PRIVATE)


def rate_of_items(request: Request) -> str:
    """All rows at once are an export, a page of them is not."""
    return "export" if _whole(request) else ""


def receipt(request: Request, access: Access) -> Response:
    """Raises: NotFound while the run goes on."""
    return downloads.send_receipt(access.tenant_id, _run(request, access))


def file(request: Request, access: Access) -> Response:
    return downloads.send_file(access.tenant_id, _run(request, access), name=request.path_params["name"])


async def upload(request: Request, access: Access) -> Response:
    """201 with the id that a file field of an input takes, for a day."""
    return await uploads.take(request, uploads.into_workspace(access.caller))


def _run(request: Request, access: Access) -> Run:
    with tenant_session(access.tenant_id) as session:
        return own_run(session, run_id_of(request))


def _after(cursor: str) -> int:
    found = CURSOR.fullmatch(cursor)
    if cursor and found is None:
        raise _asked.wrong("cursor", "This cursor was not given out here. Begin without one.")
    return int(found[1]) if found else 0


def _whole(request: Request) -> str:
    """`csv` or `jsonl` if the client asks for that first."""
    first = request.headers.get("accept", "").split(",")[0]
    return WHOLE.get(first.partition(";")[0].strip().lower(), "")
