"""A workspace with agents of its own, and runs of them started as the web does and awaited by the live news."""

import json
import threading
import time
import zipfile
from contextlib import suppress
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

ECHO = """
@agent
def go(run: Run) -> dict:
    return {"said": run.input["text"]}
"""
HELD = """
import time

@agent
def go(run: Run) -> dict:
    time.sleep(float(run.input["text"]))
    return {"said": run.input["text"]}
"""
ASKING = """
@agent
def go(run: Run) -> dict:
    answer = run.http.post(run.input["text"], body='{"model": "slow", "messages": []}', timeout=300)
    assert answer.json()["choices"], answer.text
    return {"said": run.input["text"]}
"""
HEAD = "from agent_platform.sdk import Run, agent\n"
MANIFEST = """schema: agentplatform.dev/agent/v1
slug: {slug}
name: Benchmark
version: 1.0.0
summary: Says what it was told.
category: other
kind: job
source: {{type: code, entry: "main:go"}}
input: {{type: object, required: [text], properties: {{text: {{type: string, title: Text{said}}}}}}}
output: {{result: {{type: object, required: [said], properties: {{said: {{type: string}}}}}}}}
resources: {{memory_mb: 64, timeout_seconds: 900{more}}}
pricing: {{model: free}}
{rest}
"""
BUILD_SECONDS = 120
CAP_MICRO_USD = 15_000  # ten thousand at once fit into the plan's credit


class News:
    """Wakes whoever waits for the end of a run; one subscription for a whole process."""

    def __init__(self) -> None:
        from redis import Redis

        from agent_platform.core.settings import get_settings

        self._ended: dict[UUID, threading.Event] = {}
        self._pubsub = Redis.from_url(get_settings().redis_url).pubsub(ignore_subscribe_messages=True)
        self._pubsub.subscribe("ap:live")
        threading.Thread(target=self._listen, daemon=True).start()

    def of(self, run_id: UUID) -> threading.Event:
        return self._ended.setdefault(run_id, threading.Event())

    def _listen(self) -> None:
        """Until the installation is stopped."""
        from redis.exceptions import RedisError

        with suppress(RedisError):
            for message in self._pubsub.listen():
                for topic in json.loads(message["data"]):
                    if topic.startswith("ended:"):
                        self.of(UUID(topic[6:])).set()


class Runner:
    def __init__(self, news: News, *, source: str = ECHO, said: str = "", more: str = "", rest: str = "") -> None:
        """`said`, `more` and `rest` are added to the manifest: to the input's text, to the resources, and at its end."""
        from agent_platform.core.db.tenant import tenant_session
        from agent_platform.services import agents, runs
        from tests.factories import caller_of, make_tenant

        self._news, self._runs, self._session = news, runs, tenant_session
        self.slug = f"bench-{uuid4().hex[:8]}"
        self.tenant_id = make_tenant(self.slug, plan="business")
        self.caller = caller_of(self.tenant_id)
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("agent.yaml", MANIFEST.format(slug="bench", said=said, more=more, rest=rest))
            archive.writestr("main.py", HEAD + source)
        with tenant_session(self.tenant_id) as session:
            version = agents.upload(session, content=packed.getvalue(), by=self.caller.user_id)
        self._wait_for_build(version.id)

    def once(self, text: str = "") -> float:
        """Milliseconds from the accepted click to the stored, charged result."""
        text = text or uuid4().hex
        started = time.perf_counter()
        run = self.end_of(self.start(text))
        took = (time.perf_counter() - started) * 1000
        assert run.state == "succeeded", (run.state, run.failure_message)
        assert run.result == {"said": text}
        return took

    def start(self, text: str) -> UUID:
        request = self._runs.RunRequest(self.slug, "bench", {"text": text}, uuid4().hex, cap_micro_usd=CAP_MICRO_USD)
        with self._session(self.tenant_id) as session:
            return self._runs.start(session, request, caller=self.caller).id

    def end_of(self, run_id: UUID) -> Any:
        news = self._news.of(run_id)
        while True:
            news.wait(2.0)
            with self._session(self.tenant_id) as session:
                run = self._runs.get_run(session, run_id=run_id)
            if run.finished_at is not None:
                return run

    def states(self) -> dict[str, int]:
        """How many runs of this workspace are in each state."""
        from sqlalchemy import text

        with self._session(self.tenant_id) as session:
            return dict(session.execute(text("SELECT state, count(*) FROM app.runs GROUP BY state")).all())

    def why(self, run_id: UUID) -> str:
        """What is known of a run that did not succeed, and its last lines."""
        from agent_platform.models.runs import RunAttempt

        with self._session(self.tenant_id) as session:
            run = self._runs.get_run(session, run_id=run_id)
            attempts = session.query(RunAttempt).filter_by(run_id=run_id).all()
            lines = [line.text for line in self._runs.log_tail(session, run_id=run_id, lines=20)]
        return "\n".join([f"{run.state} {run.failure_message}", *(str(attempt) for attempt in attempts), *lines])

    def _wait_for_build(self, version_id: UUID) -> None:
        from agent_platform.services import agents

        deadline = time.monotonic() + BUILD_SECONDS
        while time.monotonic() < deadline:
            with self._session(self.tenant_id) as session:
                state = agents.get_version(session, version_id=version_id).state
            if state == "ready":
                return
            time.sleep(0.2)
        raise RuntimeError(f"the agent is {state}")
