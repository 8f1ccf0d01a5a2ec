"""What a demo has left, as downloads of whoever has its key; and the files that visitors send for one."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.api.downloads import send_export, send_file, send_log
from agent_platform.api.uploads import take
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import InputInvalid
from agent_platform.core.floods import Places
from agent_platform.core.policy import policy
from agent_platform.core.visit import place_of
from agent_platform.models.runs import Run
from agent_platform.services import runs, visitors
from agent_platform.views.uploads import DEMO_UPLOADS

MOST_READING, MOST_OF_ADDRESS = 24, 2  # files that arrive at once, each of them in memory until it has
MOST_STORING = 4  # each takes a connection while it waits for its turn
READ_SECONDS = 20.0
CROWDED = "Too many files are being sent just now. Nothing was stored; try again in a few seconds."
SLOW = f"The file did not arrive within {READ_SECONDS:.0f} seconds. Nothing was stored. Try again, or choose a smaller one."
_reading, _of_address = Places(MOST_READING), Places(MOST_OF_ADDRESS)
_storing = asyncio.Semaphore(MOST_STORING)


@policy("public", rate="export")
def export(request: Request) -> Response:
    """Every row of the demo. Raises: DemoGone, NotFound."""
    return send_export(*_of_key(request), ending=request.path_params["ending"])


@policy("public", rate="export")
def log(request: Request) -> Response:
    """Raises: DemoGone."""
    return send_log(*_of_key(request))


@policy("public", rate="export")
def file(request: Request) -> Response:
    """A file the demo has put, never shown in the browser. Raises: DemoGone, NotFound."""
    return send_file(*_of_key(request), name=request.path_params["name"])


@policy("public", rate="upload")
async def upload(request: Request) -> Response:
    """201 with the key that demos of this agent know the file by, told to its sender alone. Who may not send one is told before it is read.

    Raises: as `visitors.store_file`.
    """
    address = request.state.ap["address"]
    asked = {**request.path_params, "address": address}
    crowded = visitors.DemoLimit(CROWDED)
    with _of_address.held(place_of(address), otherwise=crowded), _reading.held("", otherwise=crowded):
        async with _storing:
            await run_in_threadpool(visitors.refuse_file, **asked)
        await _read(request)
        async with _storing:
            return await take(request, partial(_kept, asked))


def routes() -> list[Route]:
    base = "/download/demos/{key}"
    return [
        Route(f"{DEMO_UPLOADS}/{{publisher}}/{{slug}}", upload, methods=["POST"]),
        Route(f"{base}/export.{{ending}}", export, methods=["GET"]),
        Route(f"{base}/log.txt", log, methods=["GET"]),
        Route(f"{base}/files/{{name}}", file, methods=["GET"]),
    ]


async def _read(request: Request) -> None:
    """All of the body is there. Raises: InputInvalid for whoever keeps us waiting, or leaves before."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            await request.body()
    except (TimeoutError, ClientDisconnect):
        raise InputInvalid(SLOW) from None


def _kept(asked: dict[str, str], **sent: Any) -> dict[str, Any]:
    stored = visitors.store_file(**asked, **sent)
    return {"id": stored.key, "name": stored.name, "bytes": stored.bytes}


def _of_key(request: Request) -> tuple[UUID, Run]:
    demo = visitors.find_demo(request.path_params["key"])
    with tenant_session(demo.tenant_id) as session:
        return demo.tenant_id, runs.get_run(session, run_id=demo.run_id)
