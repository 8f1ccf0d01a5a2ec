"""Runs: start one and wait a little for it, list them, read one, stop it."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_platform.api.v1 import _agents, _asked, _shapes
from agent_platform.api.v1._doors import Access, ask_again
from agent_platform.api.v1._problems import PRIVATE, problem_of
from agent_platform.core import live
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.core.floods import Places
from agent_platform.core.ids import parse
from agent_platform.core.policy import Caller
from agent_platform.models.runs import Run, RunState
from agent_platform.models.tenancy import Scope
from agent_platform.services import agents, catalog, runs

FILTERS = ("agent", "state", "from", "limit", "cursor")
BODY = ("input", "options")
LOOKS_SECONDS = 0.25  # news of one run within it are one look into the database
_waiting = Places(20)  # of one key at once; one more is answered at once


async def quote(request: Request, access: Access) -> Response:
    wanted = _asked.run_request(request, await _asked.read_json(request, names=BODY))
    return JSONResponse(await asyncio.to_thread(_agents.quote, access, wanted), headers=PRIVATE)


async def start(request: Request, access: Access) -> Response:
    """202 with the accepted run; 200 with the finished one if it ended within what the request would wait.

    Raises: KeyRefused for a key that ended during the wait; the run goes on.
    """
    key = _asked.idempotency_key(request)
    body = await _asked.read_json(request, names=BODY)
    wanted = _asked.run_request(request, body, idempotency_key=key)
    try:
        run_id, again = await asyncio.to_thread(_start, access.caller, wanted)
    except catalog.PermissionsNotAccepted as error:
        page = f"{_shapes.base_of(access.caller.tenant_slug)}/agents/{wanted.publisher}/{wanted.slug}"
        more = catalog.PermissionsNotAccepted(f"{error.sentence} {page}")
        return problem_of(request, more, links={"page": page})
    headers = {**PRIVATE, **({"Idempotent-Replay": "true"} if again else {})}
    seconds = _asked.seconds_to_wait(request)
    if seconds and await _wait(request, access, run_id, seconds):
        headers["Preference-Applied"] = f"wait={seconds}"
        access = await ask_again(request)
    shown = await asyncio.to_thread(_told, request, access, run_id)
    headers["Location"] = shown["links"]["self"]
    return JSONResponse(shown, 200 if shown["finished"] else 202, headers)


def list_runs(request: Request, access: Access) -> Response:
    """The workspace's runs, the newest first. Raises: InputInvalid."""
    given = _asked.read_query(request, FILTERS)
    cursor = _asked.last(given, "cursor")
    if cursor and not runs.is_run_cursor(cursor):
        raise _asked.wrong("cursor", "This cursor was not given out here. Begin without one.")
    wanted = runs.RunFilter(
        states=_asked.known(given, "state", tuple(RunState)),
        agent_ref=_asked.last(given, "agent"),
        since=_moment(given, "from"),
    )
    with tenant_session(access.tenant_id) as session:
        page = runs.list_runs(session, wanted=wanted, cursor=cursor or None, limit=_asked.limit_of(given))
    place = _place(request, access)
    found = [_shapes.run_line(run, place) for run in page.runs]
    return JSONResponse({"data": found, "next_cursor": page.next_cursor}, headers=PRIVATE)


def get_run(request: Request, access: Access) -> Response:
    return JSONResponse(_read(request, access, run_id_of(request)), headers=PRIVATE)


def cancel(request: Request, access: Access) -> Response:
    """202 while it is being stopped; 200 for one that has ended already, however it did. Raises: NotFound, Forbidden."""
    run_id = run_id_of(request)
    try:
        with tenant_session(access.tenant_id) as session:
            runs.cancel(session, run_id=run_id, caller=access.caller)
    except runs.RunAlreadyFinished:
        return JSONResponse(_told(request, access, run_id), headers=PRIVATE)
    shown = _told(request, access, run_id)
    return JSONResponse(shown, 200 if shown["finished"] else 202, PRIVATE)


def run_id_of(request: Request) -> UUID:
    """Guesses, typos and other workspaces' runs read the same. Raises: NotFound."""
    return parse("run", request.path_params["run_id"])


def own_run(session: TenantSession, run_id: UUID) -> Run:
    try:
        return runs.get_run(session, run_id=run_id)
    except NotFound:
        raise NotFound from None


def _start(caller: Caller, wanted: runs.RunRequest) -> tuple[UUID, bool]:
    assert caller.tenant_id is not None
    with tenant_session(caller.tenant_id) as session:
        run, again = runs.start_by_key(session, wanted, caller=caller)
        return run.id, again


def _told(request: Request, access: Access, run_id: UUID) -> dict[str, Any]:
    """The run as this key may know it: without `runs:read`, how it goes and not what went in or came out."""
    if access.may(Scope.RUNS_READ):
        return _read(request, access, run_id)
    with tenant_session(access.tenant_id) as session:
        return _shapes.run_unread(own_run(session, run_id), _place(request, access))


def _read(request: Request, access: Access, run_id: UUID) -> dict[str, Any]:
    with tenant_session(access.tenant_id) as session:
        run = own_run(session, run_id)
        files = runs.list_output_files(session, run_id=run_id)
        schema = _input_schema(session, run)
    return _shapes.run_whole(run, _place(request, access), schema=schema, files=files)


def _place(request: Request, access: Access) -> _shapes.Place:
    called, own = request.state.ap["tenant_slug"], access.caller.tenant_slug
    return _shapes.Place(_shapes.base_of(called), _shapes.base_of(own))


def _input_schema(session: TenantSession, run: Run) -> dict[str, Any]:
    """Of the very version that ran."""
    if run.release_id is not None:
        return catalog.public_release(session, release_id=run.release_id).manifest.get("input") or {}
    assert run.own_version_id is not None
    return agents.get_version(session, version_id=run.own_version_id).manifest.get("input") or {}


async def _wait(request: Request, access: Access, run_id: UUID, seconds: int) -> bool:
    """Whether there was a place to wait in. Then the run has ended, the time is over, or nobody waits any more.

    Woken by news, not by asking again and again. Raises: KeyRefused once the key has ended.
    """
    holder = access.holder
    assert holder is not None
    if not _waiting.take(str(holder.key_id)):
        return False
    try:
        async with asyncio.timeout(seconds):
            async for _ in live.nudges(f"run:{run_id}", idle=True, at_most_every=LOOKS_SECONDS):
                await ask_again(request)
                if await asyncio.to_thread(_rests, access.tenant_id, run_id) or await request.is_disconnected():
                    return True
    except TimeoutError:
        pass
    finally:
        _waiting.leave(str(holder.key_id))
    return True


def _rests(tenant_id: UUID, run_id: UUID) -> bool:
    """It has ended, or waits for a person, who may take days."""
    with tenant_session(tenant_id) as session:
        run = runs.get_run(session, run_id=run_id)
    return run.finished_at is not None or run.state == RunState.WAITING


def _moment(given: dict[str, list[str]], name: str) -> datetime | None:
    text = _asked.last(given, name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        raise _asked.wrong(name, f"{name} is a time such as 2026-11-30T09:00:00Z.") from None
