"""Pictures of people: sent by themselves, shown to them and to members of the workspace of this host."""

from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent_platform.core.errors import InputInvalid, NotFound, TooLarge
from agent_platform.core.images import MOST_BYTES
from agent_platform.core.policy import current_caller, policy
from agent_platform.services import identity

HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": 'inline; filename="picture.webp"',
}


@policy("signed_in", rate="upload")
async def take(request: Request) -> Response:
    """201; the sent file is the caller's picture. Raises: InputInvalid, TooLarge."""
    try:
        async with request.form(max_files=1, max_fields=1) as form:
            sent = form.get("file")
            if not isinstance(sent, UploadFile):
                raise InputInvalid("Send one picture in the field `file`. Nothing was stored.")
            content = await sent.read(MOST_BYTES + 1)
    except HTTPException as fault:
        raise InputInvalid(f"The picture cannot be read: {fault.detail} Nothing was stored.") from None
    if len(content) > MOST_BYTES:
        raise TooLarge("The picture is larger than 1 MiB. Choose a smaller one. Nothing was stored.")
    user_id = current_caller().user_id
    assert user_id is not None
    key = await run_in_threadpool(identity.in_platform, identity.set_avatar, user_id=user_id, content=content)
    return JSONResponse({"id": key, "name": sent.filename or "picture"}, 201)


@policy("signed_in", rate="page")
def show(request: Request) -> Response:
    """Written anew from what was sent. Raises: NotFound, also for people of other workspaces."""
    picture = identity.in_platform(identity.read_avatar, caller=current_caller(), user_id=_person(request))
    return Response(picture, headers=HEADERS, media_type=identity.AVATAR_TYPE)


def routes() -> list[Route]:
    return [
        Route("/people/picture", take, methods=["POST"]),
        Route("/people/{person}/picture", show, methods=["GET"]),
    ]


def _person(request: Request) -> UUID:
    try:
        return UUID(request.path_params["person"])
    except ValueError:
        raise NotFound from None
