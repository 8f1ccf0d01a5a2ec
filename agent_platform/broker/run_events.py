"""The runtime API: what the sandbox of a run or build may ask and say."""

from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from agent_platform.broker.bodies import read_body, spooled_body
from agent_platform.broker.bundles import bundle_of, inline_bundle, remember_place
from agent_platform.broker.pacing import calling, paced
from agent_platform.broker.speakers import Speaker, of_a_run
from agent_platform.core import objects
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.services import agents, runs

MOST_BATCH_BYTES = 16 * 1_048_576  # the SDK counts 4 Mi characters
MOST_VALUE_BYTES = 65_536
MOST_FILE_BYTES = 100 * 1_048_576
CHUNK = 262_144


async def give_input(request: Request) -> Response:
    async with calling(request) as speaker:
        inline = request.query_params.get("bundle") == "inline"
        return JSONResponse(await paced(speaker, lambda: _input(speaker, inline=inline)))


async def give_bundle(request: Request) -> Response:
    async with calling(request) as speaker:
        return Response(await paced(speaker, lambda: bundle_of(speaker)), media_type="application/zip")


async def take_events(request: Request) -> Response:
    async with calling(request) as speaker:
        body = await read_body(request, MOST_BATCH_BYTES)
        return JSONResponse(await paced(speaker, lambda: _events(speaker, body)))


async def keep(request: Request) -> Response:
    """Kv and state by key; without a key, GET lists the keys."""
    async with calling(request) as speaker:
        of_a_run(speaker)
        body = await read_body(request, MOST_VALUE_BYTES + 1)
        return await paced(speaker, lambda: _keep(request, speaker, body))


async def give_file(request: Request) -> Response:
    async with calling(request) as speaker:
        stream, media_type = await paced(of_a_run(speaker), lambda: _open_file(request, speaker))
    return StreamingResponse(stream, media_type=media_type)


async def take_file(request: Request) -> Response:
    async with calling(request) as speaker:
        of_a_run(speaker)
        async with spooled_body(request, MOST_FILE_BYTES) as spool:
            stored = await paced(speaker, lambda: _store_file(request, speaker, spool))
        return JSONResponse(stored, status_code=201)


routes = [
    Route("/runtime/v1/input", give_input, methods=["GET"]),
    Route("/runtime/v1/bundle", give_bundle, methods=["GET"]),
    Route("/runtime/v1/events", take_events, methods=["POST"]),
    Route("/runtime/v1/{store:str}", keep, methods=["GET"]),
    Route("/runtime/v1/files/{name:path}", give_file, methods=["GET"]),
    Route("/runtime/v1/files/{name:path}", take_file, methods=["PUT"]),
    Route("/runtime/v1/{store:str}/{key:path}", keep, methods=["GET", "PUT", "DELETE"]),
]


def _input(speaker: Speaker, *, inline: bool) -> dict[str, Any]:
    with tenant_session(speaker.tenant_id) as session:
        if speaker.kind == "build":
            return agents.build_input(session, build_id=speaker.target_id)
        handed = runs.hand_input(session, run_id=speaker.target_id, attempt=speaker.attempt)
    if inline and (bundle := inline_bundle(handed.folder, handed.digest)):
        return handed.document | {"bundle": bundle}
    remember_place(speaker, handed.folder, handed.digest)
    return handed.document


def _events(speaker: Speaker, body: bytes) -> dict[str, Any]:
    events = runs.read_events(body)
    with tenant_session(speaker.tenant_id) as session:
        if speaker.kind == "build":
            return agents.record_build_events(session, build_id=speaker.target_id, events=events)
        return runs.record(session, run_id=speaker.target_id, attempt=speaker.attempt, events=events)


def _keep(request: Request, speaker: Speaker, body: bytes) -> Response:
    store, key = request.path_params["store"], request.path_params.get("key")
    if store not in {"kv", "state"}:
        raise NotFound("There is no such door.")
    who = {"run_id": speaker.target_id, "attempt": speaker.attempt}
    with tenant_session(speaker.tenant_id) as session:
        if key is None:
            return JSONResponse(
                {"keys": runs.list_keys(session, store, **who, prefix=request.query_params.get("prefix", ""))}
            )
        if store == "state" and "version" in request.query_params:
            return _keep_versioned(session, request, who, body)
        if request.method == "PUT":
            runs.set_value(session, store, **who, key=key, body=body)
        elif request.method == "DELETE":
            runs.delete_value(session, store, **who, key=key)
        else:
            return JSONResponse(runs.get_value(session, store, **who, key=key))
    return Response(status_code=204)


def _keep_versioned(session: TenantSession, request: Request, who: dict[str, Any], body: bytes) -> Response:
    """GET ?version gives value and version; PUT ?version=n writes only over that version, 0 for a key that is not there."""
    key, version = request.path_params["key"], request.query_params["version"]
    if request.method == "PUT" and version.isascii() and version.isdigit() and len(version) < 10:
        runs.replace_value(session, **who, key=key, body=body, version=int(version))
        return Response(status_code=204)
    if request.method != "GET":
        raise InputInvalid("`version` is the number that GET ?version gave.")
    return JSONResponse(runs.get_versioned(session, **who, key=key))


def _open_file(request: Request, speaker: Speaker) -> tuple[Iterator[bytes], str]:
    with tenant_session(speaker.tenant_id) as session:
        sha256, media_type = runs.input_file(
            session, run_id=speaker.target_id, attempt=speaker.attempt, name=request.path_params["name"]
        )
    stream = objects.open_object(objects.tenant_folder(speaker.tenant_id), sha256)

    def chunks() -> Iterator[bytes]:
        with stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    return chunks(), media_type


def _store_file(request: Request, speaker: Speaker, spool: Any) -> dict[str, Any]:
    name = runs.plain_name(request.path_params["name"])
    media_type = request.headers.get("content-type", "application/octet-stream")
    stored = objects.put(
        objects.tenant_folder(speaker.tenant_id), iter(lambda: spool.read(CHUNK), b""), most_bytes=MOST_FILE_BYTES
    )
    with tenant_session(speaker.tenant_id) as session:
        run, _ = runs.speaking_attempt(session, speaker.target_id, speaker.attempt)
        runs.store_output(session, run, name=name, media_type=media_type, stored=stored)
    return {"name": name, "sha256": stored[0], "bytes": stored[1]}
