"""A running installation of its own: started by its own command, measured from outside, stopped at the end."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

ROOT = Path(__file__).resolve().parents[2]
MAIN = """from agent_platform.sdk import Run, agent

@agent
def echo(run: Run) -> dict:
    return {"said": run.input["text"]}
"""
MANIFEST = """schema: agentplatform.dev/agent/v1
slug: echo
name: Echo
version: 1.0.0
summary: Says what it was told.
category: other
kind: job
source: {type: code, entry: "main:echo"}
input: {type: object, required: [text], properties: {text: {type: string, title: Text}}}
output: {result: {type: object, required: [said], properties: {said: {type: string}}}}
resources: {memory_mb: 128, timeout_seconds: 60}
pricing: {model: free}
"""
READY_SECONDS = 180


class Product:
    def __init__(self, port: int, warm: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ap-bench-"))
        self.port = port
        self.environment = {
            **os.environ,
            "PORT": str(port),
            "AP_DATA_DIR": str(self.folder / "d"),
            "AP_WARM_SANDBOXES": str(warm),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Seconds from the command to the first 200."""
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agent_platform.cli", "run"],
            cwd=ROOT,
            env=self.environment,
            stdout=(self.folder / "log").open("ab"),
            stderr=subprocess.STDOUT,
        )
        while time.perf_counter() - started < READY_SECONDS:
            try:
                if urllib.request.urlopen(f"http://localhost:{self.port}/", timeout=2).status == 200:
                    return time.perf_counter() - started
            except OSError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def wait_until_seeded(self) -> None:
        deadline = time.monotonic() + 300
        while not (self.folder / "d" / "seeded").exists():
            if time.monotonic() > deadline:
                raise RuntimeError("the sample agents were not seeded")
            time.sleep(0.5)

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def memory_mib(self) -> dict[str, float]:
        """Proportional set size of every process, by name; children count with their parent."""
        known = json.loads((self.folder / "d" / "processes.json").read_text())
        names = {pid: name for name, pid in known.items()}
        sums: dict[str, float] = dict.fromkeys(known, 0.0)
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and (name := _owner(int(folder.name), names)):
                sums[name] += _pss_mib(folder)
        return sums

    def use_here(self) -> None:
        """`get_settings()` of this process names the installation."""
        data = self.folder / "d"
        port = (data / "postgres.port").read_text().strip()
        for role in ("app", "worker", "platform", "publisher", "broker"):
            password = (data / "secrets" / f"ap_{role}").read_text().strip()
            os.environ[f"DATABASE_URL_{role.upper()}"] = (
                f"postgresql://ap_{role}:{password}@127.0.0.1:{port}/agent_platform"
            )
        valkey = (data / "secrets" / "valkey").read_text().strip()
        os.environ["REDIS_URL"] = f"redis://:{valkey}@127.0.0.1:{(data / 'valkey.port').read_text().strip()}/0"
        os.environ["AP_DATA_DIR"] = str(data)


class Runner:
    """Starts runs of a small agent as the web does and waits for their end by the live news."""

    def __init__(self) -> None:
        from agent_platform.core import queue
        from agent_platform.core.db.tenant import tenant_session
        from agent_platform.services import agents, runs
        from tests.factories import caller_of, make_tenant

        self._runs, self._session = runs, tenant_session
        slug = f"bench-{uuid4().hex[:8]}"
        self.tenant_id = make_tenant(slug, plan="business")
        self.slug, self.caller = slug, caller_of(self.tenant_id)
        self._ended: dict[UUID, threading.Event] = {}
        self._pubsub = queue.redis().pubsub(ignore_subscribe_messages=True)
        self._pubsub.subscribe("ap:live")
        threading.Thread(target=self._listen, daemon=True).start()
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("agent.yaml", MANIFEST)
            archive.writestr("main.py", MAIN)
        with tenant_session(self.tenant_id) as session:
            version = agents.upload(session, content=packed.getvalue(), by=self.caller.user_id)
        self._wait_for_build(version.id)

    def once(self, _number: int = 0) -> float:
        """Milliseconds from the accepted click to the stored, charged result."""
        text = uuid4().hex
        started = time.perf_counter()
        request = self._runs.RunRequest(self.slug, "echo", {"text": text}, text)
        with self._session(self.tenant_id) as session:
            run_id = self._runs.start(session, request, caller=self.caller).id
        news = self._ended.setdefault(run_id, threading.Event())
        while True:
            news.wait(2.0)
            with self._session(self.tenant_id) as session:
                run = self._runs.get_run(session, run_id=run_id)
            if run.finished_at is not None:
                break
        took = (time.perf_counter() - started) * 1000
        assert run.state == "succeeded", (run.state, run.failure_message)
        assert run.result == {"said": text}
        return took

    def _listen(self) -> None:
        for message in self._pubsub.listen():
            for topic in json.loads(message["data"]):
                if topic.startswith("ended:"):
                    self._ended.setdefault(UUID(topic[6:]), threading.Event()).set()

    def _wait_for_build(self, version_id: UUID) -> None:
        from agent_platform.services import agents

        for _ in range(600):
            with self._session(self.tenant_id) as session:
                state = agents.get_version(session, version_id=version_id).state
            if state == "ready":
                return
            time.sleep(0.2)
        raise RuntimeError(f"the agent is {state}")


def _owner(pid: int, names: dict[int, str]) -> str | None:
    seen = 0
    while pid > 1 and seen < 12:
        if pid in names:
            return names[pid]
        try:
            pid = int(re.findall(r"PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0])
        except (OSError, IndexError):
            return None
        seen += 1
    return None


def _pss_mib(folder: Path) -> float:
    try:
        return int(re.findall(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)[0]) / 1024
    except (OSError, IndexError):
        return 0.0
