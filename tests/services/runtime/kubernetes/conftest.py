"""The API server double alone: tests play controller and machine, so that every order of events can be had."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_platform.services.runtime import SandboxSpec, Status
from agent_platform.services.runtime._kubernetes.api import Cluster
from agent_platform.services.runtime.kubernetes import KubernetesDriver
from tests.doubles.kubernetes import Admission, ApiServer, Store, kubeconfig
from tests.doubles.kubernetes.store import Manifest
from tests.services.runtime.kubernetes.examples import CONFIG, LIMITS, SPEC


class Api(ApiServer):
    """`folder` holds the configuration of clients."""

    def __init__(self, folder: Path) -> None:
        store = Store()
        Admission(store)
        super().__init__(store, lambda _pod, _query: iter(()))
        self.folder = folder
        self.numbers = iter(range(1, 1_000_000))

    def start(self) -> None:
        super().start()
        (self.folder / "kubeconfig").write_text(json.dumps(kubeconfig(self.url)))

    def client(self) -> Cluster:
        return Cluster(str(self.folder / "kubeconfig"))

    def driver(self, *, relist_seconds: float = 1.0) -> KubernetesDriver:
        config = replace(CONFIG, pool_namespace="")
        return KubernetesDriver(config, str(self.folder / "kubeconfig"), relist_seconds=relist_seconds)

    def spec(self, **limits) -> SandboxSpec:
        return replace(
            SPEC, run_id=f"run-{next(self.numbers)}", attempt=1, tenant_id="t", limits=replace(LIMITS, **limits)
        )

    def runs(self, handle: str) -> Manifest:
        """The Job has its pod, whose container runs."""
        job = self.job(handle)
        place = job["metadata"]["namespace"]
        pod = {"metadata": {**job["spec"]["template"]["metadata"], "name": f"{handle}-x", "namespace": place}}
        self.store.create("pods", pod | {"spec": job["spec"]["template"]["spec"]})
        self.tells(handle, phase="Running", state={"running": {"startedAt": instant()}})
        return pod

    def ends(self, handle: str, code: int = 0, reason: str = "") -> None:
        ended = {"exitCode": code, "reason": reason or ("Error" if code else "Completed"), "startedAt": instant()}
        phase = "Failed" if code else "Succeeded"
        self.tells(handle, phase=phase, state={"terminated": ended | {"finishedAt": instant()}})

    def tells(self, handle: str, *, phase: str, state: Manifest) -> None:
        place = self.job(handle)["metadata"]["namespace"]
        containers = [{"name": "agent", "state": state}]
        self.store.set_status("pods", place, f"{handle}-x", phase=phase, containerStatuses=containers)

    def job(self, handle: str) -> Manifest:
        return next(job for job in self.store.every("jobs")[0] if job["metadata"]["name"] == handle)


def instant() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    found = Api(tmp_path)
    found.start()
    yield found
    found.faults.heal()
    found.stop()


class Told:
    """What one watch has said, in its order."""

    def __init__(self, driver: KubernetesDriver) -> None:
        self.driver = driver
        self.stop = threading.Event()
        self.statuses: list[Status] = []
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def ends(self, handle: str) -> set[str]:
        return {
            str(status.reason) for status in list(self.statuses) if status.handle == handle and status.phase.is_terminal
        }

    def close(self) -> None:
        self.stop.set()
        self._thread.join()

    def _follow(self) -> None:
        for status in self.driver.watch(self.stop):
            self.statuses.append(status)


@pytest.fixture
def follow() -> Iterator[Callable[[KubernetesDriver], Told]]:
    """Starts a watch; all of them are closed after the test."""
    opened: list[Told] = []

    def start(driver: KubernetesDriver) -> Told:
        opened.append(Told(driver))
        return opened[-1]

    yield start
    for one in opened:
        one.close()
