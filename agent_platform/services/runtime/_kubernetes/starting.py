"""From a specification to the one sandbox of its attempt, however many workers start it and whenever they die.

The Job's name is the attempt's, so one worker makes it. Which pod is the attempt's, its own or a warm one, is noted on the Job
by a patch that tests the note it replaces, so one worker decides it. Every step may be repeated by any other.
"""

import contextlib
import time
from collections.abc import Iterator

from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.api import JSON_PATCH, Cluster, Refused
from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime._kubernetes.places import tenant_place
from agent_platform.services.runtime._kubernetes.pods import Manifest, decision_patch, job, token_secret
from agent_platform.services.runtime._kubernetes.pool import LOST_THE_RACE, Pool
from agent_platform.services.runtime._kubernetes.sandboxes import Found, Sandboxes, uid
from agent_platform.services.runtime.errors import Transient
from agent_platform.services.runtime.port import SandboxSpec, TenantPolicy, handle_of

POOL_TRIES = 3
# Whoever made a Job and has not decided by then may be gone. Deciding for one who is not costs a warm pod and nothing else.
TAKE_OVER_SECONDS = 0.5
# Until `ensure_tenant` says otherwise: a bound, not a plan.
FIRST_SANDBOXES, FIRST_CPU, FIRST_MEMORY_MB = 100, 100.0, 204_800


class Starter:
    def __init__(self, cluster: Cluster, config: ClusterConfig, sandboxes: Sandboxes, pool: Pool) -> None:
        self._cluster = cluster
        self._config = config
        self._sandboxes = sandboxes
        self._pool = pool

    def start(self, spec: SandboxSpec) -> str:
        handle = handle_of(spec.run_id, spec.attempt)
        found = self._sandboxes.find(handle)
        if found:
            self._resume(found, spec)
            return handle
        wanted = job(self._config, spec, decided=not self._pool.fits(spec))
        made = self._made(spec, wanted)
        if made is None:
            self._resume(self._sandboxes.find(handle), spec)
        elif wanted["spec"]["suspend"]:
            self._decide(made, spec)
        else:
            self._hand_over_token(made, spec)
        return handle

    def decide(self, made: Manifest, before: str, after: str, **notes: str) -> bool:
        """Which pod is the attempt's is `after` from now on; False when somebody else decided."""
        where = made["metadata"]["namespace"], made["metadata"]["name"]
        try:
            self._cluster.patch("jobs", *where, decision_patch(before, after, **notes), JSON_PATCH)
        except Refused as refused:
            if refused.status not in LOST_THE_RACE:
                raise
            # Refused a second time because the first answer was lost on its way?
            return Found(self._cluster.get("jobs", *where)).decided == after
        return True

    def _made(self, spec: SandboxSpec, wanted: Manifest) -> Manifest | None:
        """The Job if this call made it, None if it was there."""
        with _already_there_is_well():
            try:
                return self._cluster.create(wanted)
            except Refused as refused:
                if refused.status != 404:
                    raise
            policy = TenantPolicy(
                tenant_id=spec.tenant_id, sandboxes=FIRST_SANDBOXES, cpu=FIRST_CPU, memory_mb=FIRST_MEMORY_MB
            )
            for thing in tenant_place(self._config, policy):
                self._cluster.apply(thing)
            return self._cluster.create(wanted)
        return None

    def _decide(self, made: Manifest, spec: SandboxSpec) -> None:
        """A warm pod if one is to be had, else the Job's own."""
        before, deaf = names.UNDECIDED, None
        for _ in range(POOL_TRIES):
            pod = self._pool.claim(spec)
            if pod is None:
                break
            decided = self.decide(made, before, pod["metadata"]["name"])
            # Only now: a Job whose pod is gone would be told as ended.
            self._remove(pod if not decided else deaf)
            if not decided or self._pool.deliver(pod, spec):
                return
            before, deaf = pod["metadata"]["name"], pod
        if self.decide(made, before, names.OWN):
            self._remove(deaf)
            self._hand_over_token(made, spec)

    def _remove(self, pod: Manifest | None) -> None:
        if pod is not None:
            self._sandboxes.remove_pod(pod)

    def _resume(self, found: Found, spec: SandboxSpec, *, patient: bool = True) -> None:
        """What an earlier call that was interrupted left undone is done."""
        if found.job is None or found.job["metadata"].get("deletionTimestamp"):
            raise Transient("The sandbox of this attempt is just being cleared away. Try again in a moment.")
        if self._sandboxes.read(found).phase.is_terminal:
            return
        if found.decided == names.UNDECIDED:
            if patient:
                time.sleep(TAKE_OVER_SECONDS)
                self._resume(self._sandboxes.find(handle_of(spec.run_id, spec.attempt)), spec, patient=False)
            else:
                self._decide(found.job, spec)
        elif found.is_warm and found.pod:
            self._pool.deliver(found.pod, spec)
        elif found.decided == names.OWN and self._sandboxes.read(found).started_at is None:
            self._hand_over_token(found.job, spec)

    def _hand_over_token(self, made: Manifest, spec: SandboxSpec) -> None:
        """The Job's container cannot start before this."""
        with _already_there_is_well():
            self._cluster.create(token_secret(self._config, spec, job_uid=uid(made)))


@contextlib.contextmanager
def _already_there_is_well() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        if refused.reason != "AlreadyExists":
            raise
