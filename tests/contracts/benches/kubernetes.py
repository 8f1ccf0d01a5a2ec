"""The driver for clusters on the cluster double, whose containers run in the embedded sandbox driver."""

import base64
import json
import shutil
import subprocess
import threading
from collections import deque
from pathlib import Path

import pytest

from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime.kubernetes import KubernetesDriver
from tests.contracts.benches.base import Bench, eventually
from tests.contracts.benches.sandbox import descendants
from tests.doubles.kubernetes import FakeCluster

IMAGE = "registry.test/agent-base@sha256:" + "a" * 64
BROKER_URL, BROKER_ADDRESS = "http://broker.platform.test:8080", "10.96.0.10"
KINDS = ("jobs", "pods", "secrets")


class KubernetesBench(Bench):
    """`warm`: pods that wait. A second client watches all the time, as the platform's watch process does."""

    def __init__(self, folder: Path, *, warm: int = 0, relist_seconds: float = 5.0) -> None:
        if shutil.which("bwrap") is None:
            pytest.skip("bubblewrap is not installed")
        super().__init__(folder)
        pool = "agent-pool" if warm else ""
        self.config = ClusterConfig(
            prefix="test-",
            pool_namespace=pool,
            warm_target=warm,
            broker_url=BROKER_URL,
            broker_address=BROKER_ADDRESS,
            image=IMAGE,
            claim_port=4210,
        )
        self.relist_seconds = relist_seconds
        self.cluster = FakeCluster(folder, self.broker.folder, IMAGE)
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def boot(self) -> None:
        self.cluster.boot()
        self.driver = self.new_client()
        platform = self.new_client()
        follow = lambda: deque(platform.watch(self._stop), maxlen=0)  # noqa: E731 - the whole of the thread
        self._watcher = threading.Thread(target=follow, daemon=True)
        self._watcher.start()
        if self.config.warm_target:
            self.warm()

    def shut(self) -> None:
        self._stop.set()
        if self._watcher:
            self._watcher.join()
        self.cluster.shut()
        assert self.cluster.problems == []

    def new_client(self) -> KubernetesDriver:
        return KubernetesDriver(self.config, str(self.cluster.config_path), relist_seconds=self.relist_seconds)

    def leftovers(self) -> list[str]:
        """Objects of claimed sandboxes, and sandboxes on the machine behind the pods that run them."""
        found = [
            f"{kind} {thing['metadata']['name']}"
            for kind in KINDS
            for thing in self.cluster.store.every(kind, labels="ap.handle")[0]
        ]
        return found + [f"sandbox {status.handle}" for status in self.cluster.sandboxes.list()]

    def traces(self, handle: str) -> str:
        """All objects there are once the run has its token, with what their data decodes to, and all of the machine."""
        eventually(lambda: not self.cluster.store.every("secrets", labels="ap.handle")[0])
        found = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
        for kind in ("namespaces", "serviceaccounts", "events", *KINDS):
            for thing in self.cluster.store.every(kind)[0]:
                found += json.dumps(thing)
                found += "".join(base64.b64decode(value).decode() for value in (thing.get("data") or {}).values())
        for pid in descendants(self.cluster.daemon.pid):
            environment = Path(f"/proc/{pid}/environ")
            found += environment.read_bytes().decode("latin1") if environment.exists() else ""
        return found + str(self.driver.status(handle))
