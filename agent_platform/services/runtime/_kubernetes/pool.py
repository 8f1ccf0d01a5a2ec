"""Pods that wait started: claimed by the first who changes their label, refilled at a pace the cluster can bear."""

import contextlib
import random
import secrets
import socket
import threading
import time

from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.api import JSON_PATCH, Cluster, Refused
from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime._kubernetes.evidence import moment
from agent_platform.services.runtime._kubernetes.places import pool_place
from agent_platform.services.runtime._kubernetes.pods import Manifest, claim_line, claim_patch, warm_pod
from agent_platform.services.runtime._kubernetes.sandboxes import Sandboxes, label, note, uid
from agent_platform.services.runtime.port import SandboxSpec

PODS_PER_SECOND = 50
MOST_PER_ROUND = 100
LOST_RACES = 5
# 404: gone, 409: changed in between, 422: the `test` on the label failed.
LOST_THE_RACE = frozenset({404, 409, 422})
CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 5.0
ENDED = frozenset({"Succeeded", "Failed", "Unknown"})


class Pool:
    """Safe for threads; several clients may keep the same pool."""

    def __init__(self, cluster: Cluster, config: ClusterConfig, sandboxes: Sandboxes) -> None:
        self._cluster = cluster
        self._config = config
        self._sandboxes = sandboxes
        self._refilling = threading.Lock()

    @property
    def exists(self) -> bool:
        return bool(self._config.pool_namespace)

    def target(self) -> int:
        """How many should wait; kept in the cluster, so that all clients agree."""
        if not self.exists:
            return 0
        place = self._cluster.get("namespaces", "", self._config.pool_namespace)
        noted = note(place, names.WARM_TARGET)
        return int(noted) if noted.isdecimal() else self._config.warm_target

    def aim(self, count: int) -> int:
        """`count` pods will wait; returns how many are ready now."""
        if not self.exists:
            return 0
        for thing in pool_place(self._config):
            self._cluster.apply(thing)
        noted = {"metadata": {"annotations": {names.WARM_TARGET: str(count)}}}
        self._cluster.patch("namespaces", "", self._config.pool_namespace, noted)
        return self.refill()

    def ready(self) -> list[Manifest]:
        return [pod for pod in self._waiting() if is_ready(pod)]

    def refill(self) -> int:
        """As many pods wait as should, ended ones are gone; returns how many are ready."""
        if not self.exists:
            return 0
        with self._refilling:
            target = self.target()
            waiting = self._waiting()
            ended = [pod for pod in waiting if (pod.get("status") or {}).get("phase") in ENDED]
            alive = [pod for pod in waiting if pod not in ended]
            surplus = sorted(alive, key=is_ready)[: max(0, len(alive) - target)]
            for pod in ended + surplus:
                self._withdraw(pod)
            self._make(min(MOST_PER_ROUND, target - len(alive)))
            return sum(is_ready(pod) for pod in alive if pod not in surplus)

    def fits(self, spec: SandboxSpec) -> bool:
        """A waiting pod is as good as a Job for this attempt: same size, same image, no stronger isolation."""
        warm, asked = self._config.warm, spec.limits
        same = (asked.cpu, asked.memory_mb) == (warm.cpu, warm.memory_mb) and asked.disk_mb <= warm.disk_mb
        plain = spec.isolation == self._config.isolation == "standard" and spec.image in {"", self._config.image}
        return self.exists and same and plain

    def claim(self, spec: SandboxSpec) -> Manifest | None:
        """A pod that is this attempt's alone from now on; None when none is to be had."""
        ready = self.ready()
        for pod in random.sample(ready, min(LOST_RACES, len(ready))):
            if claimed := self._claimed(pod, spec):
                return claimed
        return None

    def deliver(self, pod: Manifest, spec: SandboxSpec) -> bool:
        """The pod has had its claim, from this call or another; False when it is gone: only then may another pod have it."""
        address = (pod.get("status") or {}).get("podIP") or ""
        line = claim_line(self._config, spec)
        try:
            connection = socket.create_connection((address, self._config.claim_port), timeout=CONNECT_SECONDS)
        except OSError:
            # It listens for one claim. Whether it had it, from whoever was first, and what became of it is told by its status.
            return self._is_there(pod)
        with connection:
            connection.settimeout(ANSWER_SECONDS)
            with contextlib.suppress(OSError):
                connection.sendall(line)
                # Whether it took the claim is seen from what it does: it may not be handed to a second pod.
                connection.recv(64)
            return True

    def _is_there(self, pod: Manifest) -> bool:
        current = self._cluster.get("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
        return current is not None and uid(current) == uid(pod)

    def _claimed(self, pod: Manifest, spec: SandboxSpec) -> Manifest | None:
        place, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        now = self._sandboxes.now()
        started = moment((pod.get("status") or {}).get("startTime")) or now
        change = claim_patch(
            self._config, spec, at=now.isoformat(), age_seconds=max(0.0, (now - started).total_seconds())
        )
        try:
            return self._cluster.patch("pods", place, name, change, JSON_PATCH)
        except Refused as refused:
            if refused.status not in LOST_THE_RACE:
                raise
        # Refused a second time because the first answer was lost on its way?
        current = self._cluster.get("pods", place, name)
        return current if label(current, names.HANDLE) == change[1]["value"][names.HANDLE] else None

    def _waiting(self) -> list[Manifest]:
        if not self.exists:
            return []
        labels = names.selector(names.ours(self._config) | {names.STATE: names.WARM})
        pods, _ = self._cluster.every("pods", self._config.pool_namespace, labels=labels)
        return [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]

    def _withdraw(self, pod: Manifest) -> None:
        """Not one that was claimed since we looked."""
        precondition = {"uid": pod["metadata"]["uid"], "resourceVersion": pod["metadata"]["resourceVersion"]}
        with contextlib.suppress(Refused):
            self._cluster.delete(
                "pods",
                pod["metadata"]["namespace"],
                pod["metadata"]["name"],
                gracePeriodSeconds=0,
                preconditions=precondition,
            )

    def _make(self, count: int) -> None:
        for number in range(count):
            if number:
                time.sleep(1 / PODS_PER_SECOND)
            pod = warm_pod(self._config, f"ap-warm-{secrets.token_hex(8)}")
            try:
                self._cluster.create(pod)
            except Refused as refused:
                if refused.status != 404:
                    raise
                for thing in pool_place(self._config):
                    self._cluster.apply(thing)
                self._cluster.create(pod)


def is_ready(pod: Manifest) -> bool:
    """It listens for its claim."""
    status = pod.get("status") or {}
    containers = status.get("containerStatuses") or [{}]
    return (
        status.get("phase") == "Running"
        and containers[0].get("started") is True
        and "running" in (containers[0].get("state") or {})
    )
