"""One machine of a cluster: takes every pod, really runs its container in the embedded sandbox driver, tells what becomes of it."""

import errno
import itertools
import os
import socket
import threading
from collections.abc import Iterator
from datetime import datetime

from agent_platform.services.runtime import SandboxDriver, Status, Transient
from tests.doubles.kubernetes.pod import PodOnNode
from tests.doubles.kubernetes.podlog import PodLog
from tests.doubles.kubernetes.store import Manifest, Store

PERIOD_SECONDS = 0.1
# Every process of the suite on this machine has addresses of its own.
ADDRESSES = (f"127.{64 + os.getpid() % 128}.{number // 250}.{number % 250 + 1}" for number in itertools.count())


class Kubelet:
    """`images`: what the registry has; `unschedulable`: no pod finds a machine; `clocks_stand_still`: the
    entries of containers keep no time; `problems`: what no real cluster would have run."""

    def __init__(self, store: Store, sandboxes: SandboxDriver, image: str) -> None:
        self.store = store
        self.sandboxes = sandboxes
        self.images = {image}
        self.unschedulable = False
        self.clocks_stand_still = False
        self.problems: list[str] = []
        self.pods: dict[str, PodOnNode] = {}
        self.by_sandbox: dict[str, PodOnNode] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for target in (self._follow_pods, self._follow_sandboxes):
            self._threads.append(threading.Thread(target=target, daemon=True, name=f"kubelet {target.__name__}"))
            self._threads[-1].start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for pod in list(self.pods.values()):
            pod.forget()

    def address(self) -> str:
        with self._lock:
            return next(ADDRESSES)

    def listen(self, port: int) -> socket.socket:
        """On an address that no pod had."""
        while True:
            try:
                return socket.create_server((self.address(), port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise

    def sandbox_name(self) -> str:
        return f"pod-{next(self._numbers)}"

    def read_log(self, pod: Manifest, query: dict[str, str]) -> Iterator[bytes]:
        known = self.pods.get(pod["metadata"]["uid"])
        if known is None or known.log is None:
            return iter(())
        after = query.get("sinceTime")
        since = datetime.fromisoformat(after).timestamp() if after else 0.0
        limit = int(query["limitBytes"]) if "limitBytes" in query else None
        follow = query.get("follow") == "true"
        return known.log.read(
            since, stamps=query.get("timestamps") == "true", limit=limit, until=known.has_ended if follow else None
        )

    def log_of(self, handle: str) -> PodLog:
        return PodLog(lambda since: self.sandboxes.logs(handle, since))

    def evict(self, pod: Manifest, message: str) -> None:
        self.pods[pod["metadata"]["uid"]].evict(message)

    def vanish(self) -> None:
        """The machine is cut off: what runs goes on or not, nothing is told any more."""
        for pod in self.pods.values():
            pod.is_cut_off = True

    def _follow_pods(self) -> None:
        while not self._stop.is_set():
            with self.store.lock:
                before = self.store.version
                there = {pod["metadata"]["uid"]: pod for pod in self.store.every("pods")[0]}
            for uid, pod in there.items():
                if uid not in self.pods:
                    self.pods[uid] = PodOnNode(self, pod)
                    self.pods[uid].start()
                else:
                    self.pods[uid].seen(pod)
            for uid in self.pods.keys() - there.keys():
                self.pods.pop(uid).forget()
            with self.store.lock:
                if self.store.version == before:
                    self.store.changed.wait(PERIOD_SECONDS)

    def _follow_sandboxes(self) -> None:
        for status in self.sandboxes.watch(self._stop):
            self._heard(status)

    def _heard(self, status: Status) -> None:
        pod = self.by_sandbox.get(status.handle)
        if pod is not None:
            pod.heard(status)

    def clear_away(self, handle: str) -> None:
        try:
            self.sandboxes.destroy(handle)
        except Transient:
            self.problems.append(f"{handle} could not be cleared away")
