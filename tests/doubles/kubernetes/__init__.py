"""A cluster in one process: API server over real HTTP, Job controller, and a machine whose containers really run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from agent_platform.services.runtime import SandboxDriver
from tests.doubles.kubernetes.admission import Admission
from tests.doubles.kubernetes.controllers import JobController
from tests.doubles.kubernetes.faults import Faults
from tests.doubles.kubernetes.kubelet import Kubelet
from tests.doubles.kubernetes.server import OPERATOR, TOKEN, ApiServer
from tests.doubles.kubernetes.store import Store

ROOT = Path(__file__).parents[3]

__all__ = ["Admission", "ApiServer", "FakeCluster", "Faults", "Store", "kubeconfig"]


class FakeCluster:
    """`boot` starts it, `shut` leaves nothing. Containers run in the sandbox host of `folder`, with the broker of `broker_dir`."""

    def __init__(self, folder: Path, broker_dir: Path, image: str) -> None:
        self.folder = folder
        self._broker_dir = broker_dir
        self.store = Store()
        Admission(self.store)
        self.sandboxes = SandboxDriver(folder / "node")
        self.kubelet = Kubelet(self.store, self.sandboxes, image)
        self.api = ApiServer(self.store, self.kubelet.read_log)
        self.jobs = JobController(self.store)
        self.daemon: subprocess.Popen[str] | None = None

    @property
    def faults(self) -> Faults:
        return self.api.faults

    @property
    def problems(self) -> list[str]:
        return self.kubelet.problems + self.jobs.problems + self.api.beyond_role

    @property
    def config_path(self) -> Path:
        return self.folder / "kubeconfig"

    @property
    def operator_path(self) -> Path:
        return self.folder / "kubeconfig-of-the-operator"

    def boot(self) -> None:
        self._start_machine()
        self.jobs.start()
        self.kubelet.start()
        self.api.start()
        self.config_path.write_text(json.dumps(kubeconfig(self.api.url)))
        self.operator_path.write_text(json.dumps(kubeconfig(self.api.url, OPERATOR)))

    def shut(self) -> None:
        self.api.stop()
        self.jobs.stop()
        self.kubelet.stop()
        self.sandboxes.close()
        self.daemon.terminate()
        self.daemon.wait(30)
        self.daemon.stdout.close()

    def add_runtime_class(self, name: str) -> None:
        self.store.create("runtimeclasses", {"kind": "RuntimeClass", "metadata": {"name": name}, "handler": name})

    def _start_machine(self) -> None:
        command = [sys.executable, "-m", "workers.sandbox_host", "--run-dir", str(self.folder / "node"), "--warm", "2"]
        command += ["--broker-dir", str(self._broker_dir), "--installation", f"node-{os.getpid()}-{id(self) % 9973}"]
        environment = {"AP_CANARY": "canary-of-the-worker", "PATH": os.environ["PATH"]}
        self.daemon = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        line = self.daemon.stdout.readline()
        assert "ready" in line, line


def kubeconfig(url: str, token: str = TOKEN) -> dict:
    assert urlsplit(url).hostname == "127.0.0.1"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "double",
        "clusters": [{"name": "double", "cluster": {"server": url}}],
        "users": [{"name": "platform", "user": {"token": token}}],
        "contexts": [{"name": "double", "context": {"cluster": "double", "user": "platform"}}],
    }
