"""POST /runtime/v1/approvals and /runtime/v1/agents: what agents ask of people and of other agents."""

import asyncio
import time
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent_platform.broker.bodies import read_body
from agent_platform.broker.pacing import calling, paced
from agent_platform.broker.speakers import Speaker, of_a_run
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runs

MOST_QUESTION_BYTES = 262_144
MOST_CALL_BYTES = 1_100_000
MOST_WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.25
PENDING_STATUS = 202
NOT_CALLED = {
    "run_id": "",
    "state": "succeeded",
    "final": True,
    "result": {},
    "items": [],
    "item_count": 0,
    "cost_micro_usd": 0,
    "error": None,
    "dry_run": True,
}


async def ask_people(request: Request) -> Response:
    async with calling(request) as speaker:
        of_a_run(speaker)
        body = await read_body(request, MOST_QUESTION_BYTES)
        answer = await paced(speaker, lambda: _ask(speaker, body))
    return JSONResponse(answer, PENDING_STATUS if answer["state"] == "pending" else 200)


async def ask_agents(request: Request) -> Response:
    """Answers when the child is final, or with its state when the caller's patience (20 s at most) is over: it asks again."""
    async with calling(request) as speaker:
        of_a_run(speaker)
        body = await read_body(request, MOST_CALL_BYTES)
        wanted, wait_seconds = await paced(speaker, lambda: runs.read_child_request(body))
        child_id = await paced(speaker, lambda: _start_child(speaker, wanted))
    if child_id is None:
        return JSONResponse(NOT_CALLED)
    until = time.monotonic() + min(max(wait_seconds, 0), MOST_WAIT_SECONDS)
    while True:
        answer = await paced(speaker, lambda: _child(speaker, child_id))
        left = until - time.monotonic()
        if answer["final"] or left <= 0:
            return JSONResponse(answer, 200 if answer["final"] else PENDING_STATUS)
        await asyncio.sleep(min(left, LOOK_SECONDS))


routes = [
    Route("/runtime/v1/agents", ask_agents, methods=["POST"]),
    Route("/runtime/v1/approvals", ask_people, methods=["POST"]),
]


def _ask(speaker: Speaker, body: bytes) -> dict[str, Any]:
    question = runs.read_question(body)
    with tenant_session(speaker.tenant_id) as session:
        return runs.ask(session, run_id=speaker.target_id, attempt=speaker.attempt, question=question)


def _start_child(speaker: Speaker, wanted: runs.ChildRequest) -> UUID | None:
    with tenant_session(speaker.tenant_id) as session:
        return runs.start_child(session, run_id=speaker.target_id, attempt=speaker.attempt, request=wanted)


def _child(speaker: Speaker, child_id: UUID) -> dict[str, Any]:
    with tenant_session(speaker.tenant_id) as session:
        return runs.child_answer(session, run_id=speaker.target_id, attempt=speaker.attempt, child_id=child_id)
