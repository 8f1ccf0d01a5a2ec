"""Files that people send from a page: stored for a day, then named in a run's input or taken as a bundle."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Forbidden, InputInvalid
from agent_platform.core.ids import shown
from agent_platform.core.policy import Caller, current_caller, policy
from agent_platform.services import runs

CHUNK = 262_144
HOW = "Nothing was stored. Send one file as multipart/form-data in the field `file`."


@policy("member", feature="build", rate="upload")
async def upload(request: Request) -> Response:
    return await take(request, current_caller())


async def take(request: Request, caller: Caller) -> Response:
    """201 with the file's id, now the caller's workspace's. The edge counts the body while this reads it. Raises: InputInvalid."""
    try:
        async with request.form(max_files=1, max_fields=1) as form:
            sent = form.get("file")
            if not isinstance(sent, UploadFile):
                raise InputInvalid(f"There is no file in the field `file`. {HOW}")
            return await run_in_threadpool(_stored, caller, sent)
    except HTTPException as fault:  # as a running app is told of a form that cannot be read
        raise InputInvalid(f"The upload cannot be read: {fault.detail} {HOW}") from None


def routes() -> list[Route]:
    return [Route("/uploads", upload, methods=["POST"])]


def _stored(caller: Caller, sent: UploadFile) -> Response:
    if caller.tenant_id is None:
        raise Forbidden("Open one of your workspaces first: files belong to a workspace.")
    chunks = iter(lambda: sent.file.read(CHUNK), b"")
    with tenant_session(caller.tenant_id) as session:
        kept = runs.store_upload(
            session, name=sent.filename or "file", media_type=sent.content_type or "", chunks=chunks, by=caller.user_id
        )
    return JSONResponse({"id": shown("file", kept.id), "name": kept.name, "bytes": kept.bytes}, 201)
