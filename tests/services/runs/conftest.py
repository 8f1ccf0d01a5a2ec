"""A workspace with credit and an own agent, and a driver that only remembers: sandboxes are the driver's tests."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from agent_platform.core import objects, queue
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id
from agent_platform.models.agents import Agent, AgentVersion, Channel
from agent_platform.services import billing, catalog, runs, runtime
from tests.factories import caller_of, make_tenant

CREDIT = 5_000_000  # of a new workspace, in micro-dollars

PRICES = {
    "free": {"model": "free"},
    "per_run": {"model": "per_run", "price": "0.02", "charge_on": "valid_output"},
    "per_event": {
        "model": "per_event",
        "events": {"page": {"title": "Page", "price": "0.002", "primary": True}},
        "smallest_cap": "0.01",
        "refund_on_agent_failure": "none",
    },
}


def manifest(slug, pricing, agents=(), network=()):
    return {
        "schema": "agentplatform.dev/agent/v1",
        "slug": slug,
        "name": "Counter",
        "version": "1.0.0",
        "summary": "Counts.",
        "category": "data",
        "kind": "job",
        "source": {"type": "code", "entry": "main:go"},
        "input": {
            "type": "object",
            "required": ["n"],
            "properties": {"n": {"type": "integer", "title": "Number", "minimum": 1, "maximum": 100}},
        },
        "output": {"item": {"type": "object", "required": ["i"], "properties": {"i": {"type": "integer"}}}},
        "permissions": {"agents": list(agents), "network": list(network)},
        "pricing": PRICES[pricing],
    }


@dataclass
class RememberingDriver:
    """Answers as a driver does; `fail` is raised by the next start, `room` is how many more sandboxes it takes."""

    started: list = field(default_factory=list)
    cancelled: list = field(default_factory=list)
    destroyed: list = field(default_factory=list)
    statuses: dict = field(default_factory=dict)
    policies: list = field(default_factory=list)
    fail: Exception | None = None
    room: int = 100

    def ensure_tenant(self, policy):
        self.policies.append(policy)

    def capabilities(self):
        return SimpleNamespace(most_sandboxes=self.room, sandboxes=0)

    def start(self, spec):
        if self.fail:
            raise self.fail
        self.started.append(spec)
        return runtime.handle_of(spec.run_id, spec.attempt)

    def status(self, handle):
        return self.statuses.get(handle) or runtime.Status(
            handle=handle, run_id="", attempt=0, phase=runtime.Phase.LOST
        )

    def list(self):
        return iter(self.statuses.values())

    def cancel(self, handle, grace_seconds):
        self.cancelled.append((handle, grace_seconds))

    def destroy(self, handle):
        self.destroyed.append(handle)


class Bench:
    """One consumer, one publisher with a released agent, and the steps of a run as the processes take them."""

    def __init__(self, pricing):
        self.publisher, self.consumer = make_tenant("maker"), make_tenant("buyer")
        self.caller = caller_of(self.consumer)
        self.driver = RememberingDriver()
        self.pricing = pricing
        self.release()
        with acting_as("worker"), tenant_session(self.consumer) as session:
            billing.grant_plan_credit(session, month="2026-11")

    def release(self, slug="counter", agents=(), network=()):
        catalog.ensure_flags()
        version_id, agent_id = new_id(), new_id()
        digest = objects.put_bytes(objects.tenant_folder(self.publisher), b"bundle")
        with tenant_session(self.publisher) as session:
            session.add(Agent(tenant_id=self.publisher, id=agent_id, slug=slug, name="Counter"))
            session.flush()
            session.add(
                AgentVersion(
                    tenant_id=self.publisher,
                    id=version_id,
                    agent_id=agent_id,
                    number="1.0.0",
                    manifest=manifest(slug, self.pricing, agents, network),
                    manifest_text="",
                    digest=digest,
                    bundle_bytes=6,
                    state="ready",
                )
            )
            session.flush()
            session.add(Channel(tenant_id=self.publisher, id=new_id(), agent_id=agent_id, version_id=version_id))
        with tenant_session(self.publisher) as session:
            request = catalog.request_publication(
                session, version_id=version_id, visibility="public", message="", by=None
            )
            catalog.approve_as_installation(session, request_id=request, note="")
        with acting_as("worker"):
            catalog.publish(tenant_id=self.publisher, request_id=request)

    def start(self, key="k1", caller=None, slug="counter", **asked):
        asked = {"input": {"n": 3}, "cap_micro_usd": 100_000, **asked}
        with tenant_session(self.consumer) as session:
            return runs.start(
                session, runs.RunRequest("maker", slug, idempotency_key=key, **asked), caller=caller or self.caller
            )

    def launch(self, run):
        with acting_as("worker"):
            return runs.launch(self.driver, tenant_id=self.consumer, run_id=run.id, worker="w")

    def hand_input(self, run, attempt=1):
        with acting_as("broker"), tenant_session(self.consumer) as session:
            return runs.hand_input(session, run_id=run.id, attempt=attempt)

    def speak(self, run, *events, attempt=1):
        body = runs.Event.dumps({"events": list(events)}).encode()
        with acting_as("broker"), tenant_session(self.consumer) as session:
            return runs.record(session, run_id=run.id, attempt=attempt, events=runs.read_events(body))

    def end(self, run, phase="succeeded", reason="ok", exit_code=0, attempt=1):
        status = runtime.Status(
            handle=runtime.handle_of(run.id, attempt),
            run_id=str(run.id),
            attempt=attempt,
            phase=runtime.Phase(phase),
            reason=runtime.Reason(reason),
            exit_code=exit_code,
            started_at=None if reason == "start_timeout" else run.queued_at,
        )
        with acting_as("worker"):
            return runs.settle(tenant_id=self.consumer, run_id=run.id, status=status)

    def running(self, **asked):
        run = self.start(**asked)
        assert self.launch(run)
        self.hand_input(run)
        return run

    def now(self, run):
        with tenant_session(self.consumer) as session:
            return runs.get_run(session, run_id=run.id)

    def now_by_id(self, run_id):
        with tenant_session(self.consumer) as session:
            return runs.get_run(session, run_id=run_id)

    def sql(self, statement):
        """One value, as the worker reads it."""
        with acting_as("worker"), tenant_session(self.consumer) as session:
            return session.execute(text(statement)).scalar_one()

    def wake_ups(self):
        return queue.queue("runs").count

    def money(self):
        """(free, held); the book is checked on the way."""
        with tenant_session(self.consumer) as session:
            assert billing.ledger_differences(session) == []
            found = billing.balance(session)
            return found.free_micro_usd, found.held_micro_usd


@pytest.fixture
def bench(settings, request):
    return Bench(getattr(request, "param", "per_event"))


def item(seq, number, *, event="page", key=None):
    return {"seq": seq, "type": "items", "items": [{"i": i} for i in range(number)], "event": event, "keys": key}


def result(seq, value=None):
    return {"seq": seq, "type": "result", "value": value or {}}
