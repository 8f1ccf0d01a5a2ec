"""A whole run in real sandboxes: the sandbox daemon and the broker as processes, a worker in this one, Postgres beneath."""

import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core import objects
from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id
from agent_platform.core.policy import Caller
from agent_platform.core.queue import queue
from agent_platform.core.settings import Settings, get_settings
from agent_platform.models.agents import Agent, AgentVersion, Channel, VersionState
from agent_platform.models.runs import FINAL_RUN_STATES, Run
from agent_platform.services import billing, runs, runtime, tenancy
from tests.factories import caller_of, make_tenant

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
RECONCILE_SECONDS = 2.0
BROKER = "from agent_platform.broker.server import main; main()"


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class Stage:
    """One workspace with credit; `agent` gives it an own agent, `start` a run, `done` waits for its end."""

    def __init__(self, *, loopback_ports: str = "") -> None:
        self.settings = get_settings()
        self.driver = runtime.SandboxDriver(self.settings.run_dir)
        self.tenant_id = make_tenant(plan="team")
        self.caller = caller_of(self.tenant_id)
        with acting_as("worker"), tenant_session(self.tenant_id) as session:
            billing.grant_plan_credit(session, month="2026-11")
        with tenant_session(self.tenant_id) as session:
            self.slug = tenancy.get_workspace(session).slug
        self._loopback = loopback_ports
        self._stop = threading.Event()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def open(self) -> None:
        self.settings.broker_dir.mkdir(parents=True, exist_ok=True)
        places = ["--run-dir", str(self.settings.run_dir), "--broker-dir", str(self.settings.broker_dir)]
        host = ["-m", "workers.sandbox_host", *places, "--warm", "1", "--installation", f"stage-{os.getpid()}"]
        self._processes["host"] = _spawn(host, {})
        self.start_broker()
        wait_for(lambda: (self.settings.run_dir / "sandbox-host.sock").exists() or self._host_is_up())
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()

    def start_broker(self) -> None:
        self._processes["broker"] = spawn_broker(self.settings, loopback_ports=self._loopback)

    def stop_broker(self) -> None:
        """Gone at once, as after a crash."""
        process = self._processes.pop("broker")
        process.kill()
        process.wait()
        for name in ("egress.sock", "broker.sock"):
            (self.settings.broker_dir / name).unlink(missing_ok=True)

    def close(self) -> None:
        self._stop.set()
        self._worker.join()
        for process in self._processes.values():
            process.terminate()
            process.wait()

    def agent(self, code: str, *, slug: str = "asker", **manifest: Any) -> UUID:
        """The workspace has an own agent with this `main.py`."""
        return self.bundle(zipped({"main.py": code}), manifest_of(slug, **manifest))

    def bundle(self, content: bytes, manifest: dict[str, Any]) -> UUID:
        """The workspace has an own agent of this zip, built and stable."""
        slug = manifest["slug"]
        digest = objects.put_bytes(objects.tenant_folder(self.tenant_id), content)
        with tenant_session(self.tenant_id) as session:
            agent = Agent(tenant_id=self.tenant_id, id=new_id(), slug=slug, name=slug.title())
            version = AgentVersion(
                tenant_id=self.tenant_id,
                id=new_id(),
                agent_id=agent.id,
                number=manifest["version"],
                manifest=manifest,
                manifest_text="",
                digest=digest,
                bundle_bytes=len(content),
                state=VersionState.READY,
            )
            session.add(agent)
            session.flush()
            session.add(version)
            session.flush()
            session.add(Channel(tenant_id=self.tenant_id, agent_id=agent.id, version_id=version.id))
            return version.id

    def start(self, *, slug: str = "asker", caller: Caller | None = None, **asked: Any) -> Run:
        request = runs.RunRequest(self.slug, slug, asked.pop("input", {}), str(new_id()), **asked)
        with tenant_session(self.tenant_id) as session:
            return runs.start(session, request, caller=caller or self.caller)

    def now(self, run: Run) -> Run:
        with tenant_session(self.tenant_id) as session:
            return runs.get_run(session, run_id=run.id)

    def until(self, run: Run, *states: str) -> Run:
        wait_for(lambda: self.now(run).state in states or self.now(run).finished_at is not None)
        return self.now(run)

    def done(self, run: Run) -> Run:
        """The settled run."""
        return self.until(run, *FINAL_RUN_STATES)

    def run(self, code: str, **asked: Any) -> Run:
        """An agent of this code, run once to its end."""
        manifest = {name: asked.pop(name) for name in ("permissions", "input_schema", "resources") if name in asked}
        slug = f"asker-{new_id().hex[-10:]}"
        self.agent(code, slug=slug, **manifest)
        return self.done(self.start(slug=slug, **asked))

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with acting_as("worker"), tenant_session(self.tenant_id) as session:
            return list(session.execute(text(sql), values))

    def egress(self, run: Run) -> list[Any]:
        return self.rows("SELECT * FROM app.run_egress WHERE run_id = :run ORDER BY seq", run=run.id)

    def log(self, run: Run) -> list[str]:
        with tenant_session(self.tenant_id) as session:
            return [line.text for line in runs.log_tail(session, run_id=run.id)]

    def _host_is_up(self) -> bool:
        try:
            list(self.driver.list())
        except runtime.Transient:
            return False
        return True

    def _work(self) -> None:
        """What workers, watch and beat do, until the stage closes. A wake-up dies with whoever was to send it: beat finds the run."""
        reconcile_at = 0.0
        with acting_as("worker"):
            while not self._stop.wait(0.02):
                for job in queue("runs").jobs:
                    job.delete()
                    self._do(job)
                self._conclude()
                if time.monotonic() > reconcile_at:
                    runs.reconcile(self.driver)
                    reconcile_at = time.monotonic() + RECONCILE_SECONDS

    def _do(self, job: Any) -> None:
        run_id, tenant_id = UUID(job.kwargs["run_id"]), UUID(job.kwargs["tenant_id"])
        acts: dict[str, Callable[[], object]] = {
            "launch_run": lambda: runs.launch(self.driver, tenant_id=tenant_id, run_id=run_id, worker="stage"),
            "resume_run": lambda: runs.resume(tenant_id=tenant_id, run_id=run_id),
            "stop_children": lambda: runs.stop_children(tenant_id=tenant_id, run_id=run_id),
            "stop_run": lambda: runs.press_stop(self.driver, tenant_id=tenant_id, run_id=run_id),
        }
        acts[job.func_name.rpartition(".")[2]]()

    def _conclude(self) -> None:
        for status in self.driver.list():
            if status.phase.is_terminal:
                with dispatch_session() as session:
                    row = session.execute(
                        text("SELECT tenant_id FROM app.dispatch WHERE run_id = :run AND attempt = :attempt"),
                        {"run": UUID(status.run_id), "attempt": status.attempt},
                    ).one_or_none()
                if row is None:
                    self.driver.destroy(status.handle)
                else:
                    runs.conclude(
                        self.driver,
                        tenant_id=row.tenant_id,
                        run_id=UUID(status.run_id),
                        attempt=status.attempt,
                        status=status,
                    )


def spawn_broker(settings: Settings, *, loopback_ports: str = "") -> subprocess.Popen[bytes]:
    """The broker as a process of its own, answering on both sockets."""
    settings.broker_dir.mkdir(parents=True, exist_ok=True)
    environment = {
        "DATABASE_URL_BROKER": settings.database_url_broker,
        "REDIS_URL": settings.redis_url,
        "AP_DATA_DIR": str(settings.data_dir),
        "AP_EGRESS_LOOPBACK_PORTS": loopback_ports,
    }
    process = _spawn(["-c", BROKER], environment)
    wait_for(lambda: all((settings.broker_dir / name).exists() for name in ("egress.sock", "broker.sock")))
    return process


def _spawn(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=kept | environment)


@contextmanager
def staged(*, loopback_ports: str = "") -> Iterator[Stage]:
    stage = Stage(loopback_ports=loopback_ports)
    stage.open()
    try:
        yield stage
    finally:
        stage.close()


def manifest_of(
    slug: str, *, permissions: Any = None, input_schema: Any = None, resources: Any = None
) -> dict[str, Any]:
    return {
        "schema": "agentplatform.dev/agent/v1",
        "slug": slug,
        "name": slug.title(),
        "version": "1.0.0",
        "summary": "Asks.",
        "category": "data",
        "source": {"type": "code", "entry": "main:go"},
        "input": input_schema or {"type": "object", "properties": {}},
        "output": {},
        "permissions": permissions or {},
        "resources": {"memory_mb": 128, "timeout_seconds": 60} | (resources or {}),
        "pricing": {"model": "free"},
    }


def wait_for(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.02)
