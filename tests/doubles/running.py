"""Runs at any moment of their life, made through the doors that the broker and the workers use."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core import objects
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id
from agent_platform.core.policy import Caller
from agent_platform.models.agents import Agent, AgentVersion, Channel, VersionState
from agent_platform.models.runs import AttemptState, Run, RunAttempt, RunState
from agent_platform.services import billing, runs, runtime, tenancy
from tests.factories import caller_of, make_tenant

PER_PAGE: dict[str, Any] = {
    "model": "per_event",
    "costs": "included",
    "charge_on": "stored",
    "events": {"page": {"title": "Page checked", "price_micro_usd": 2_000, "primary": True}},
    "smallest_cap_micro_usd": 20_000,
    "refund_on_agent_failure": "full",
    "currency": "USD",
}
OUTPUT: dict[str, Any] = {
    "item": {
        "type": "object",
        "properties": {
            "path": {"type": "string", "title": "Path"},
            "status": {"type": "integer", "title": "Status"},
            "title": {"type": "string", "title": "Title"},
            "broken_links": {"type": "integer", "title": "Broken links"},
        },
    },
    "result": {"type": "object", "properties": {"pages": {"type": "integer", "title": "Pages read"}}},
    "files": [{"name": "report.html", "media_type": "text/html", "title": "Report"}],
    "views": [
        {"id": "pages", "title": "Pages", "type": "table", "columns": ["path", "status", "title", "broken_links"]}
    ],
}
MANIFEST: dict[str, Any] = {
    "schema": "agentplatform.dev/agent/v1",
    "slug": "site-auditor",
    "name": "Site Auditor",
    "version": "2.3.1",
    "summary": "Finds broken links.",
    "category": "web",
    "source": {"type": "code", "entry": "main:audit"},
    "input": {
        "type": "object",
        "required": ["start_url"],
        "properties": {
            "start_url": {"type": "string", "format": "uri", "title": "Start URL", "prefill": "https://example.com/"},
            "max_pages": {"type": "integer", "title": "Maximum pages", "unit": "pages", "default": 200},
        },
    },
    "output": OUTPUT,
    "pricing": {"model": "free"},
}


@dataclass(frozen=True)
class Workspace:
    """A tenant with an agent of its own, credit, and its owner."""

    id: UUID
    owner: Caller
    version_id: UUID
    agent_ref: str


def make_workspace(slug: str | None = None, *, tenant_id: UUID | None = None, owner: Caller | None = None) -> Workspace:
    tenant_id = tenant_id or make_tenant(slug, plan="team")
    with acting_as("worker"), tenant_session(tenant_id) as session:
        billing.grant_plan_credit(session, month=f"{datetime.now(UTC):%Y-%m}")
    with tenant_session(tenant_id) as session:
        agent = Agent(tenant_id=tenant_id, id=new_id(), slug="site-auditor", name="Site Auditor")
        version = AgentVersion(
            tenant_id=tenant_id,
            id=new_id(),
            agent_id=agent.id,
            number="2.3.1",
            manifest=MANIFEST,
            manifest_text="",
            digest="ab" * 32,
            bundle_bytes=1,
            state=VersionState.READY,
        )
        session.add(agent)
        session.flush()
        session.add(version)
        session.flush()
        session.add(Channel(tenant_id=tenant_id, agent_id=agent.id, version_id=version.id))
        publisher = tenancy.get_workspace(session).slug
    return Workspace(tenant_id, owner or caller_of(tenant_id), version.id, f"{publisher}/site-auditor")


def make_run(
    workspace: Workspace,
    *,
    state: RunState = RunState.RUNNING,
    price: dict[str, Any] = PER_PAGE,
    by: Caller | None = None,
    seconds: float = 47.6,
    output: dict[str, Any] = OUTPUT,
    **fields: Any,
) -> UUID:
    """A run that was accepted `seconds` ago with its money on hold; queued, starting or running since."""
    now = datetime.now(UTC)
    by = by or workspace.owner
    values: dict[str, Any] = {
        "agent_ref": workspace.agent_ref,
        "agent_name": "Site Auditor",
        "version": "2.3.1",
        "own_version_id": workspace.version_id,
        "title": "docs.northwind.example",
        "input": {"start_url": "https://docs.northwind.example/", "max_pages": 200},
        "cap_micro_usd": 500_000,
        "memory_mb": 512,
        "timeout_seconds": 600,
        "started_by_user_id": by.user_id,
        "started_by_name": by.user_name,
        "platform_retries_left": 0,
        **fields,
    }
    run = Run(
        tenant_id=workspace.id,
        id=new_id(),
        state=state,
        price=price,
        idempotency_key=str(new_id()),
        queued_at=now - timedelta(seconds=seconds),
        started_at=now - timedelta(seconds=seconds - 3) if state == RunState.RUNNING else None,
        **values,
    )
    with tenant_session(workspace.id) as session:
        billing.reserve(session, run_id=run.id, amount_micro_usd=run.cap_micro_usd, any_credit=True)
        session.add(run)
        session.flush()
        session.add(_attempt(run, now, seconds, output))
        session.execute(
            text(
                "INSERT INTO app.dispatch (tenant_id, run_id, state, attempt, fence, priority) VALUES (:t, :r, :s, 1, 0, 0)"
            ),
            {"t": workspace.id, "r": run.id, "s": "queued" if state == RunState.QUEUED else "leased"},
        )
    return run.id


def _attempt(run: Run, now: datetime, seconds: float, output: dict[str, Any]) -> RunAttempt:
    attempt = RunAttempt(
        tenant_id=run.tenant_id, run_id=run.id, number=run.attempt, spec={"output": output, "digest": "ab" * 32}
    )
    if run.state in {RunState.STARTING, RunState.RUNNING}:
        attempt.state = AttemptState.LAUNCHING
        attempt.launched_at = now - timedelta(seconds=seconds - 2.1)
    if run.state == RunState.RUNNING:
        attempt.state = AttemptState.RUNNING
        attempt.ready_at = now - timedelta(seconds=seconds - 3)
    return attempt


def speak(workspace: Workspace, run_id: UUID, *events: dict[str, Any], attempt: int = 1) -> dict[str, Any]:
    """The agent has sent these events, numbered on from the last."""
    with tenant_session(workspace.id) as session:
        said = next(one.acked_seq for one in runs.list_attempts(session, run_id=run_id) if one.number == attempt)
    numbered = [
        {"seq": said + n, "at": f"{datetime.now(UTC).isoformat()}", **event} for n, event in enumerate(events, 1)
    ]
    read = runs.read_events(json.dumps({"events": numbered}).encode())
    with acting_as("broker"), tenant_session(workspace.id) as session:
        return runs.record(session, run_id=run_id, attempt=attempt, events=read)


def pages(number: int, *, first: int = 1) -> dict[str, Any]:
    """An event with so many rows, each charged as a page."""
    rows = [
        {"path": f"/page/{n}", "status": 404 if n % 10 == 4 else 200, "title": f"Page {n}", "broken_links": n % 3}
        for n in range(first, first + number)
    ]
    return {"type": "items", "items": rows, "event": "page"}


def line(text: str, level: str = "info") -> dict[str, Any]:
    return {"type": "log", "level": level, "text": text}


def put(workspace: Workspace, run_id: UUID, name: str, content: bytes, media_type: str) -> None:
    """The agent has put this file."""
    folder = objects.tenant_folder(workspace.id)
    stored = objects.put(folder, (content,), most_bytes=len(content))
    with acting_as("broker"), tenant_session(workspace.id) as session:
        run, _ = runs.speaking_attempt(session, run_id, 1)
        runs.store_output(session, run, name=name, media_type=media_type, stored=stored)


def end(workspace: Workspace, run_id: UUID, *, attempt: int = 1, lost: bool = False, exit_code: int = 0) -> None:
    """The sandbox has ended and the worker has settled the run."""
    status = runs.lost_status(run_id, attempt)
    if not lost:
        failed = exit_code != 0
        status = replace(
            status,
            phase=runtime.Phase.FAILED if failed else runtime.Phase.SUCCEEDED,
            reason=runtime.Reason.ERROR if failed else runtime.Reason.OK,
            exit_code=exit_code,
            detail="",
        )
    with acting_as("worker"):
        runs.settle(tenant_id=workspace.id, run_id=run_id, status=status)
