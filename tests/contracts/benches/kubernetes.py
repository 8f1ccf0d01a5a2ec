"""The driver for clusters: on the cluster double, whose containers run in the embedded driver, or on a cluster that is there."""

import base64
import json
import os
import shutil
import socket
import socketserver
import subprocess
import threading
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from agent_platform.services.runtime import ClusterConfig
from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.api import Cluster
from agent_platform.services.runtime.kubernetes import KubernetesDriver
from tests.contracts.benches.base import Bench, eventually
from tests.contracts.benches.sandbox import descendants
from tests.doubles.kubernetes import FakeCluster

IMAGE = "registry.test/agent-base@sha256:" + "a" * 64
BROKER_URL, BROKER_ADDRESS = "http://broker.platform.test:8080", "10.96.0.10"
KINDS = ("jobs", "pods", "secrets")
CLAIM_PORT = 4210


class ClusterBench(Bench):
    """A second client watches all the time, as the platform's watch process does: it keeps the pool and removes tokens."""

    search_path = "/usr/bin"
    relist_seconds = 5.0

    def __init__(self, folder: Path, config: ClusterConfig, kubeconfig: Path) -> None:
        super().__init__(folder)
        self.config = config
        self.kubeconfig = kubeconfig
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def boot(self) -> None:
        self.driver = self.new_client()
        self.api = Cluster(str(self.operator_config))
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

    @property
    def operator_config(self) -> Path:
        """The way of somebody who may see everything."""
        return self.kubeconfig

    def new_client(self) -> KubernetesDriver:
        return KubernetesDriver(self.config, str(self.kubeconfig), relist_seconds=self.relist_seconds)

    def client_code(self) -> str:
        return (
            "from agent_platform.services.runtime import ClusterConfig, Limits, kubernetes_driver\n"
            f"members = {asdict(self.config)!r}\nwarm = Limits(**members.pop('warm'))\n"
            f"driver = kubernetes_driver(ClusterConfig(warm=warm, **members), {str(self.kubeconfig)!r})\n"
        )

    def leftovers(self) -> list[str]:
        return [f"{kind} {thing['metadata']['name']}" for kind in KINDS for thing in self._things(kind, claimed=True)]

    def traces(self, handle: str) -> str:
        """All objects there are once the run has its token, with what their data decodes to."""
        eventually(lambda: not self._things("secrets", claimed=True))
        found = str(self.driver.status(handle))
        for kind in ("namespaces", "serviceaccounts", *KINDS):
            for thing in self._things(kind):
                found += json.dumps(thing)
                found += "".join(base64.b64decode(value).decode() for value in (thing.get("data") or {}).values())
        place = names.namespace_of(self.config, "t")
        return found + json.dumps(self.api.every("events", place)[0])

    def _things(self, kind: str, *, claimed: bool = False) -> list[dict[str, Any]]:
        labels = names.selector(names.ours(self.config)) + (f",{names.HANDLE}" if claimed else "")
        return self.api.every(kind, labels=labels)[0]


class KubernetesBench(ClusterBench):
    """On the double. `warm`: pods that wait."""

    inside_ids = range(1000, 1001)

    def __init__(self, folder: Path, *, warm: int = 0, relist_seconds: float = 5.0) -> None:
        if shutil.which("bwrap") is None:
            pytest.skip("bubblewrap is not installed")
        config = ClusterConfig(
            prefix="test-",
            pool_namespace="agent-pool" if warm else "",
            warm_target=warm,
            broker_url=BROKER_URL,
            broker_address=BROKER_ADDRESS,
            image=IMAGE,
            claim_port=CLAIM_PORT,
        )
        super().__init__(folder, config, folder / "kubeconfig")
        self.relist_seconds = relist_seconds
        self.cluster = FakeCluster(folder, self.broker.folder, IMAGE)

    @property
    def operator_config(self) -> Path:
        return self.cluster.operator_path

    def boot(self) -> None:
        self.cluster.boot()
        super().boot()

    def shut(self) -> None:
        super().shut()
        self.cluster.shut()
        assert self.cluster.problems == []

    def leftovers(self) -> list[str]:
        """Also what runs on the machine behind pods; a warm pod runs nothing there."""
        return super().leftovers() + [f"sandbox {status.handle}" for status in self.cluster.sandboxes.list()]

    def traces(self, handle: str) -> str:
        found = super().traces(handle)
        found += subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
        for pid in descendants(self.cluster.daemon.pid):
            environment = Path(f"/proc/{pid}/environ")
            found += environment.read_bytes().decode("latin1") if environment.exists() else ""
        return found


class RealClusterBench(ClusterBench):
    """On the cluster of AP_TEST_KUBECONFIG. AP_TEST_AGENT_IMAGE: the base image by digest; AP_TEST_BROKER_ADDRESS: this machine,
    as pods reach it; AP_TEST_POOL=1 only where this machine reaches pods, too.
    """

    inside_ids = range(names.FIRST_UID, names.FIRST_UID + names.UIDS)
    files_of_the_driver = frozenset({"/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/termination-log"})
    sockets: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._relay = _Relay(folder / "broker" / "broker.sock")
        pool = f"test{os.getpid()}-pool" if os.environ.get("AP_TEST_POOL") else ""
        config = ClusterConfig(
            prefix=f"ap{os.getpid()}-",
            pool_namespace=pool,
            platform_namespace="default",
            warm_target=2 if pool else 0,
            broker_url=f"http://broker.test:{self._relay.port}",
            broker_address=os.environ["AP_TEST_BROKER_ADDRESS"],
            image=os.environ["AP_TEST_AGENT_IMAGE"],
        )
        super().__init__(folder, config, Path(os.environ["AP_TEST_KUBECONFIG"]))

    def boot(self) -> None:
        self._relay.start()
        super().boot()

    def shut(self) -> None:
        super().shut()
        for place in self._things("namespaces"):
            self.api.delete("namespaces", "", place["metadata"]["name"])
        self._relay.stop()


class _Relay:
    """What comes on a port of this machine goes to the broker's socket, and back."""

    def __init__(self, path: Path) -> None:
        relay = type("Relay", (_Relayed,), {"path": path})
        self._server = socketserver.ThreadingTCPServer(("0.0.0.0", 0), relay)  # pods come from outside
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Relayed(socketserver.BaseRequestHandler):
    path: Path

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as broker:
            broker.connect(str(self.path))
            back = threading.Thread(target=_copied, args=(broker, self.request), daemon=True)
            back.start()
            _copied(self.request, broker)
            back.join()


def _copied(source: Any, target: Any) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
