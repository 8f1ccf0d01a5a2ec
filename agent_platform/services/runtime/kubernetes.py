"""The driver for a cluster: a Job per attempt in its tenant's namespace, or a pod claimed from the warm pool.

Docs: docs/decisions/0010-kubernetes-driver.md. Imports the official client, which is large: import this on demand.
"""

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict

import structlog

from agent_platform.services.runtime._bounds import wrong_with
from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.api import Cluster, Refused, missing_is_well
from agent_platform.services.runtime._kubernetes.config import ClusterConfig, refuse_tag
from agent_platform.services.runtime._kubernetes.evidence import moment
from agent_platform.services.runtime._kubernetes.logs import chunks, since_second
from agent_platform.services.runtime._kubernetes.places import tenant_place
from agent_platform.services.runtime._kubernetes.pods import RUNTIME_CLASSES, Manifest
from agent_platform.services.runtime._kubernetes.pool import Pool
from agent_platform.services.runtime._kubernetes.reflector import RELIST_SECONDS, Reflector
from agent_platform.services.runtime._kubernetes.sandboxes import Found, Sandboxes, gathered, note
from agent_platform.services.runtime._kubernetes.starting import Starter
from agent_platform.services.runtime._kubernetes.watcher import Watcher
from agent_platform.services.runtime.errors import Rejected, Transient
from agent_platform.services.runtime.port import (
    Capabilities,
    Isolation,
    LogChunk,
    SandboxSpec,
    Status,
    TenantPolicy,
)

log = structlog.get_logger()
STRAY_SECONDS = 60.0
SWEEP_SECONDS = 30.0


class KubernetesDriver:
    """Safe for threads. What it knows of the cluster it reads there; nothing is lost with it."""

    def __init__(self, config: ClusterConfig, kubeconfig: str = "", *, relist_seconds: float = RELIST_SECONDS) -> None:
        self._config = config
        self._cluster = Cluster(kubeconfig)
        self._sandboxes = Sandboxes(self._cluster, config)
        self._pool = Pool(self._cluster, config, self._sandboxes)
        self._starter = Starter(self._cluster, config, self._sandboxes, self._pool)
        self._relist_seconds = relist_seconds
        self._troubles: dict[str, str] = {}
        self._swept_at = 0.0

    def capabilities(self) -> Capabilities:
        with _sentences():
            alive = sum(not status.phase.is_terminal for status in self._sandboxes.every())
            return Capabilities(
                driver="kubernetes",
                isolation=self._isolation(),
                limits="cgroup",
                own_uid=True,
                network="broker",
                warm=len(self._pool.ready()),
                warm_target=self._pool.target(),
                most_sandboxes=self._config.most_sandboxes,
                sandboxes=alive,
                degraded="; ".join(sorted(set(self._troubles.values()) - {""})),
            )

    def ensure_tenant(self, policy: TenantPolicy) -> None:
        with _sentences():
            for thing in tenant_place(self._config, policy):
                self._cluster.apply(thing)

    def start(self, spec: SandboxSpec) -> str:
        if wrong := wrong_with(spec.run_id, spec.attempt, spec.token, asdict(spec.limits)):
            raise Rejected(wrong)
        if spec.image:
            refuse_tag(spec.image)
        with _sentences():
            self._refuse_less_isolation(spec.isolation)
            return self._starter.start(spec)

    def status(self, handle: str) -> Status:
        with _sentences():
            return self._sandboxes.status(handle)

    def list(self) -> Iterator[Status]:
        with _sentences():
            return iter(self._sandboxes.every())

    def watch(self, stop: threading.Event) -> Iterator[Status]:
        labels = names.selector(names.ours(self._config))
        reflector = Reflector(self._cluster, labels, self._note_trouble, relist_seconds=self._relist_seconds)
        return Watcher(self._cluster, self._sandboxes, reflector, self._chores).statuses(stop)

    def logs(self, handle: str, since: int = 0) -> Iterator[LogChunk]:
        with _sentences():
            found = self._sandboxes.find(handle)
            pod = found.pod
            if not found or pod is None:
                return
            query = [("container", "agent"), ("timestamps", "true")]
            if second := since_second(since):
                query.append(("sinceTime", second))
            noted = pod["metadata"].get("annotations") or {}
            pieces = self._cluster.log(pod["metadata"]["namespace"], pod["metadata"]["name"], query=query)
            yield from chunks(pieces, since, int(noted.get(names.LOG_BYTES, "0")))

    def cancel(self, handle: str, grace_seconds: float) -> None:
        with _sentences():
            remembered = False
            while not remembered:
                found = self._sandboxes.find(handle)
                if not found or self._sandboxes.read(found).phase.is_terminal:
                    return
                remembered = self._remember_cancelled(found)
                if remembered and (pod := found.pod):
                    where = pod["metadata"]["namespace"], pod["metadata"]["name"]
                    self._cluster.delete("pods", *where, gracePeriodSeconds=max(1, math.ceil(grace_seconds)))

    def destroy(self, handle: str) -> None:
        with _sentences():
            self._sandboxes.destroy(handle)

    def prewarm(self, key: str, n: int) -> int:
        del key  # one size of warm pod
        with _sentences():
            return self._pool.aim(max(0, min(n, self._config.most_sandboxes)))

    def _remember_cancelled(self, found: Found) -> bool:
        """False when somebody decided in between which pod is the attempt's."""
        assert found.job
        at = self._sandboxes.now().isoformat()
        if found.decided == names.UNDECIDED:
            return self._starter.decide(found.job, names.UNDECIDED, names.NEVER, **{names.CANCELLED_AT: at})
        kind, owner = ("pods", found.pod) if found.is_warm else ("jobs", found.job)
        if owner is None or note(owner, names.CANCELLED_AT):
            return True
        change: Manifest = {"metadata": {"annotations": {names.CANCELLED_AT: at}}}
        if kind == "jobs" and found.pod is None:
            change["spec"] = {"suspend": True}  # no pod is made of it any more
        with missing_is_well():
            self._cluster.patch(kind, owner["metadata"]["namespace"], owner["metadata"]["name"], change)
        return True

    def _refuse_less_isolation(self, asked: Isolation) -> None:
        wanted = self._config.isolation if asked == "standard" else asked
        if wanted not in ("standard", *(self._isolation() if wanted != "standard" else ())):
            raise Rejected(
                f"The cluster has no RuntimeClass for the isolation {wanted}, so nothing was started. "
                "The operator must install it or change AP_ISOLATION."
            )

    def _isolation(self) -> tuple[Isolation, ...]:
        classes, _ = self._cluster.every("runtimeclasses")
        there = {one["metadata"]["name"] for one in classes}
        return ("standard", *(kind for kind, name in RUNTIME_CLASSES.items() if name in there))

    def _note_trouble(self, kind: str, why: str) -> None:
        if why and not self._troubles.get(kind):
            log.warning("cluster_cannot_be_followed", kind=kind, error=why)
        elif not why and self._troubles.get(kind):
            log.info("cluster_is_followed_again", kind=kind)
        self._troubles[kind] = why

    def _chores(self) -> None:
        self._pool.refill()
        if time.monotonic() > self._swept_at + SWEEP_SECONDS:
            self._swept_at = time.monotonic()
            self._sweep()

    def _sweep(self) -> None:
        """Pods that were kept to be read and are nobody's: their Job is gone, or has another."""
        labels = names.selector(names.ours(self._config)) + f",{names.HANDLE}"
        # Pods first: one that was claimed after they were listed is not among them.
        pods, _ = self._cluster.every("pods", labels=labels)
        jobs, _ = self._cluster.every("jobs", labels=labels)
        for found in gathered(jobs, pods).values():
            for pod in found.pods:
                if (not found or pod is not found.pod) and self._is_stray(pod):
                    self._sandboxes.remove_pod(pod)

    def _is_stray(self, pod: Manifest) -> bool:
        """A pod that was just claimed waits for its worker to decide."""
        claimed_at = moment(note(pod, names.CLAIMED_AT))
        return claimed_at is None or (self._sandboxes.now() - claimed_at).total_seconds() > STRAY_SECONDS


class _sentences:  # noqa: N801 - reads as what it does
    """A refusal of the API server becomes what the port promises, with a sentence."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, Refused):
            return
        told = error.message
        if error.status == 403 and "exceeded quota" in told:
            raise Transient(
                f"The workspace has all the room it may have in the cluster ({told}), so nothing was started."
            ) from error
        if error.status == 403 and "being terminated" in told:
            raise Transient(
                "The workspace's namespace is being cleared away, so nothing was started. Try again in a moment."
            ) from error
        if error.status in {400, 422} or (error.status == 403 and "violates" in told):
            raise Rejected(f"The cluster does not accept the sandbox ({told}), so nothing was started.") from error
        if error.status in {401, 403}:
            raise Transient(
                f"The platform may not do this in the cluster ({told}), so nothing was started. The operator must look at its role."
            ) from error
        raise Transient(f"The cluster refused ({told}), so nothing was started. Try again in a moment.") from error
