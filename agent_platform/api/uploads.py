"""Files that people send from a page: stored, then named in a run's input or taken as a bundle."""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Forbidden, InputInvalid
from agent_platform.core.ids import shown
from agent_platform.core.policy import Caller, current_caller, policy
from agent_platform.services import runs

CHUNK = 262_144
HOW = "Nothing was stored. Send one file as multipart/form-data in the field `file`."
Keep = Callable[..., dict[str, Any]]


@policy("member", feature="build", rate="upload")
async def upload(request: Request) -> Response:
    return await take(request, into_workspace(current_caller()))


async def take(request: Request, keep: Keep) -> Response:
    """201 with what `keep(name=, media_type=, chunks=)` says of the sent file. The edge counts the body while this reads it.

    Raises: InputInvalid, also for whoever leaves before the end, and what `keep` raises.
    """
    try:
        async with request.form(max_files=1, max_fields=1) as form:
            sent = form.get("file")
            if not isinstance(sent, UploadFile):
                raise InputInvalid(f"There is no file in the field `file`. {HOW}")
            return JSONResponse(await run_in_threadpool(_kept, keep, sent), 201)
    except ClientDisconnect:
        raise InputInvalid(f"The upload ended before it was complete. {HOW}") from None
    except HTTPException as fault:  # as a running app is told of a form that cannot be read
        raise InputInvalid(f"The upload cannot be read: {fault.detail} {HOW}") from None


def into_workspace(caller: Caller) -> Keep:
    """Keeps a file as the caller's workspace's."""
    return partial(_store, caller)


def routes() -> list[Route]:
    return [Route("/uploads", upload, methods=["POST"])]


def _kept(keep: Keep, sent: UploadFile) -> dict[str, Any]:
    chunks = iter(lambda: sent.file.read(CHUNK), b"")
    return keep(name=sent.filename or "file", media_type=sent.content_type or "", chunks=chunks)


def _store(caller: Caller, **sent: Any) -> dict[str, Any]:
    if caller.tenant_id is None:
        raise Forbidden("Open one of your workspaces first: files belong to a workspace.")
    with tenant_session(caller.tenant_id) as session:
        kept = runs.store_upload(session, **sent, by=caller.user_id)
        return {"id": shown("file", kept.id), "name": kept.name, "bytes": kept.bytes}
