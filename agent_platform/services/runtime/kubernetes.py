"""The driver for a cluster: a Job per attempt in its tenant's namespace, or a pod claimed from the warm pool.

Docs: docs/decisions/0011-kubernetes-driver.md. Imports the official client, which is large: import this on demand.
"""

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict

import structlog

from agent_platform.services.runtime._bounds import wrong_with
from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.api import Cluster, Refused
from agent_platform.services.runtime._kubernetes.config import ClusterConfig, refuse_tag
from agent_platform.services.runtime._kubernetes.logs import chunks, since_second
from agent_platform.services.runtime._kubernetes.places import tenant_place
from agent_platform.services.runtime._kubernetes.pods import RUNTIME_CLASSES, Manifest, job, token_secret
from agent_platform.services.runtime._kubernetes.pool import Pool
from agent_platform.services.runtime._kubernetes.reflector import RELIST_SECONDS, Reflector
from agent_platform.services.runtime._kubernetes.sandboxes import Found, Sandboxes, gathered, label, uid
from agent_platform.services.runtime._kubernetes.watcher import Watcher
from agent_platform.services.runtime.errors import Rejected, Transient
from agent_platform.services.runtime.port import (
    Capabilities,
    Isolation,
    LogChunk,
    SandboxSpec,
    Status,
    TenantPolicy,
    handle_of,
)

log = structlog.get_logger()
# Until `ensure_tenant` says otherwise: a bound, not a plan.
FIRST_POLICY = {"sandboxes": 100, "cpu": 100.0, "memory_mb": 204_800}
POOL_TRIES = 3
LISTEN_PAUSE_SECONDS = 0.2
SWEEP_SECONDS = 30.0


class KubernetesDriver:
    """Safe for threads. What it knows of the cluster it reads there; nothing is lost with it."""

    def __init__(self, config: ClusterConfig, kubeconfig: str = "", *, relist_seconds: float = RELIST_SECONDS) -> None:
        self._config = config
        self._cluster = Cluster(kubeconfig)
        self._sandboxes = Sandboxes(self._cluster, config)
        self._pool = Pool(self._cluster, config, self._sandboxes)
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
        handle = handle_of(spec.run_id, spec.attempt)
        with _sentences():
            found = self._sandboxes.find(handle)
            if found:
                self._resume(found, spec)
            elif not (self._pool.fits(spec) and self._start_warm(handle, spec)):
                self._start_cold(handle, spec)
        return handle

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
            found = self._sandboxes.find(handle)
            if not found or self._sandboxes.read(found).phase.is_terminal:
                return
            self._remember_cancelled(found)
            for pod in found.pods:
                where = pod["metadata"]["namespace"], pod["metadata"]["name"]
                self._cluster.delete("pods", *where, gracePeriodSeconds=max(1, math.ceil(grace_seconds)))

    def destroy(self, handle: str) -> None:
        with _sentences():
            self._sandboxes.destroy(handle)

    def prewarm(self, key: str, n: int) -> int:
        del key  # one size of warm pod
        with _sentences():
            return self._pool.aim(max(0, min(n, self._config.most_sandboxes)))

    def _start_warm(self, handle: str, spec: SandboxSpec) -> bool:
        for _ in range(POOL_TRIES):
            pod = self._pool.claim(spec)
            if pod is None:
                return False
            if self._someone_else_has(handle, mine=uid(pod)):
                self._sandboxes.remove_pod(pod)
                self._yield_to_the_other(handle)
                return True
            if self._pool.deliver(pod, spec) or self._pool.deliver(pod, spec):
                return True
            self._sandboxes.remove_pod(pod)
        return False

    def _start_cold(self, handle: str, spec: SandboxSpec) -> None:
        made = self._made_job(spec)
        if self._someone_else_has(handle, mine=uid(made)):
            self._cluster.delete("jobs", made["metadata"]["namespace"], handle, propagationPolicy="Background")
            self._yield_to_the_other(handle)
            return
        self._hand_over_token(spec, made)

    def _made_job(self, spec: SandboxSpec) -> Manifest:
        wanted = job(self._config, spec)
        place, name = wanted["metadata"]["namespace"], wanted["metadata"]["name"]
        for made_place in (False, True):
            try:
                return self._cluster.create(wanted)
            except Refused as refused:
                if refused.status == 404 and not made_place:
                    self.ensure_tenant(TenantPolicy(tenant_id=spec.tenant_id, **FIRST_POLICY))  # type: ignore[arg-type]
                    continue
                if refused.status != 409 or refused.reason != "AlreadyExists":
                    raise
            existing = self._cluster.get("jobs", place, name)
            if existing and not existing["metadata"].get("deletionTimestamp"):
                return existing
            break
        raise Transient(
            "The sandbox of this attempt is just being cleared away, so none was started. Try again in a moment."
        )

    def _hand_over_token(self, spec: SandboxSpec, made: Manifest) -> None:
        """The Job's container cannot start before this."""
        try:
            self._cluster.create(token_secret(self._config, spec, job_uid=uid(made)))
        except Refused as refused:
            if refused.reason != "AlreadyExists":
                raise

    def _resume(self, found: Found, spec: SandboxSpec) -> None:
        """What an earlier call that was interrupted left undone is done."""
        status = self._sandboxes.read(found)
        if status.phase.is_terminal:
            return
        if found.job is None and found.claimed:
            self._pool.deliver(found.claimed, spec)  # not listening: it has had its claim
        elif found.job and status.started_at is None:
            self._hand_over_token(spec, found.job)

    def _someone_else_has(self, handle: str, *, mine: str) -> bool:
        """Two workers that start one attempt at once both look after acting, so at least one of them sees the other."""
        found = self._sandboxes.find(handle)
        claimed = [pod for pod in found.pods if label(pod, names.STATE) == names.CLAIMED]
        return any(uid(thing) not in {"", mine} for thing in [found.job, *claimed])

    def _yield_to_the_other(self, handle: str) -> None:
        if not self._sandboxes.find(handle):
            raise Transient("Two workers started this attempt at once and both gave way. Try again in a moment.")

    def _remember_cancelled(self, found: Found) -> None:
        owner = found.job or found.claimed
        if owner is None or names.CANCELLED_AT in (owner["metadata"].get("annotations") or {}):
            return
        change: Manifest = {"metadata": {"annotations": {names.CANCELLED_AT: self._sandboxes.now().isoformat()}}}
        if found.job and not found.pods:
            change["spec"] = {"suspend": True}  # no pod is made of it any more
        kind = "jobs" if found.job else "pods"
        self._cluster.patch(kind, owner["metadata"]["namespace"], owner["metadata"]["name"], change)

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
        """Pods that were kept to be read and whose Job is gone, however it went."""
        labels = names.selector(names.ours(self._config)) + f",{names.HANDLE}"
        pods, _ = self._cluster.every("pods", labels=labels)
        jobs, _ = self._cluster.every("jobs", labels=labels)
        for found in gathered(jobs, pods).values():
            if not found:
                for pod in found.pods:
                    self._sandboxes.remove_pod(pod)


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
