"""Which objects of the cluster are one sandbox, found by label and read afresh."""

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.api import STRATEGIC, Cluster, missing_is_well
from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime._kubernetes.diagnosis import read
from agent_platform.services.runtime._kubernetes.evidence import moment
from agent_platform.services.runtime._kubernetes.pods import Manifest
from agent_platform.services.runtime.port import Phase, Reason, Status

HANDLE = re.compile(r"ap-[a-z0-9][a-z0-9-]{0,58}[a-z0-9]")
MOST_PLACES = 10_000
# A Job has its pod within milliseconds; one that still has none may have been refused it.
PODLESS_SECONDS = 2.0
FORCED = {"gracePeriodSeconds": 0}


@dataclass
class Found:
    """What carries one handle. Without a Job it is no sandbox, whatever is left of it."""

    job: Manifest | None = None
    pods: list[Manifest] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.job is not None

    @property
    def decided(self) -> str:
        """`own`, the name of a claimed pod, or nothing yet."""
        return note(self.job, names.POD)

    @property
    def is_warm(self) -> bool:
        return self.decided not in {names.UNDECIDED, names.OWN, names.NEVER}

    @property
    def pod(self) -> Manifest | None:
        """The one that is the attempt's."""
        if self.is_warm:
            return next((pod for pod in self.pods if pod["metadata"]["name"] == self.decided), None)
        own = [pod for pod in self.pods if label(pod, names.STATE) == names.COLD]
        # Of a Job that had more than one, against what we asked for, the first: nothing is run twice.
        return min(own, key=lambda pod: pod["metadata"].get("creationTimestamp") or "", default=None)


class Sandboxes:
    """Safe for threads."""

    def __init__(self, cluster: Cluster, config: ClusterConfig) -> None:
        self._cluster = cluster
        self._config = config
        # Handle -> namespace: one namespace is asked instead of all; forgotten ones are found by label.
        self._places: OrderedDict[str, str] = OrderedDict()

    def find(self, handle: str) -> Found:
        """Asked of the API server now. Raises: Transient."""
        if not HANDLE.fullmatch(handle):
            return Found()
        jobs, _ = self._cluster.every("jobs", self._places.get(handle, ""), labels=self._labels(handle))
        self.remember(jobs)
        if not jobs:
            self._places.pop(handle, None)
            return Found()
        found = Found(jobs[0])
        if found.is_warm:
            pod = self._cluster.get("pods", self._config.pool_namespace, found.decided)
            # Its name may have been given to nobody else; its label says whose it is.
            found.pods = [pod] if label(pod, names.HANDLE) == handle and pod else []
        else:
            found.pods, _ = self._cluster.every("pods", jobs[0]["metadata"]["namespace"], labels=self._labels(handle))
        return found

    def status(self, handle: str) -> Status:
        found = self.find(handle)
        if not found:
            return lost(handle)
        return self.read(found, self._refusals([found]).get(uid(found.job), ()))

    def every(self) -> list[Status]:
        labels = names.selector(names.ours(self._config)) + f",{names.HANDLE}"
        jobs, _ = self._cluster.every("jobs", labels=labels)
        pods, _ = self._cluster.every("pods", labels=labels)
        self.remember(jobs)
        found = [one for one in gathered(jobs, pods).values() if one]
        refusals = self._refusals(found)
        return [self.read(one, refusals.get(uid(one.job), ())) for one in found]

    def read(self, found: Found, refusals: tuple[str, ...] = ()) -> Status:
        if found.is_warm and found.pod is None:
            return _claimed_pod_is_gone(found.job or {}, self.now())
        return read(None if found.is_warm else found.job, found.pod, now=self.now(), refusals=refusals)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._cluster.now(), UTC)

    def destroy(self, handle: str) -> None:
        if not HANDLE.fullmatch(handle):
            return
        # The Job first: without it nobody makes, claims or decides on a pod any more.
        jobs, _ = self._cluster.every("jobs", self._places.get(handle, ""), labels=self._labels(handle))
        for job in jobs:
            place = job["metadata"]["namespace"]
            self._cluster.delete("jobs", place, handle, propagationPolicy="Background", **FORCED)
            self._cluster.delete("secrets", place, handle)
        pods, _ = self._cluster.every("pods", labels=self._labels(handle))
        for pod in pods:
            self.remove_pod(pod)
        self._places.pop(handle, None)

    def remove_pod(self, pod: Manifest) -> None:
        """No such pod is there; what runs in it is killed."""
        place, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        self._cluster.delete("pods", place, name, **FORCED)
        if names.KEEP in (pod["metadata"].get("finalizers") or []):
            change = {"metadata": {"$deleteFromPrimitiveList/finalizers": [names.KEEP]}}
            with missing_is_well():
                self._cluster.patch("pods", place, name, change, STRATEGIC)

    def remember(self, things: Iterable[Manifest]) -> None:
        for thing in things:
            self._places[label(thing, names.HANDLE)] = thing["metadata"]["namespace"]
        while len(self._places) > MOST_PLACES:
            self._places.popitem(last=False)

    def is_podless(self, found: Found) -> bool:
        """It should have a pod by now and has none: perhaps it was refused one."""
        if (
            found.job is None
            or found.decided != names.OWN
            or found.pods
            or (found.job.get("status") or {}).get("conditions")
        ):
            return False
        return self.age_seconds(found.job) > PODLESS_SECONDS

    def age_seconds(self, thing: Manifest) -> float:
        created = moment(thing["metadata"].get("creationTimestamp")) or self.now()
        return (self.now() - created).total_seconds()

    def _labels(self, handle: str) -> str:
        return names.selector(names.ours(self._config) | {names.HANDLE: handle})

    def _refusals(self, found: list[Found]) -> dict[str, tuple[str, ...]]:
        """Uid of a Job -> why the cluster made no pod of it: only events say so."""
        podless = [one.job for one in found if one.job and self.is_podless(one)]
        if not podless:
            return {}
        fields = "involvedObject.kind=Job,reason=FailedCreate"
        place = ""
        if len(podless) == 1:
            place = podless[0]["metadata"]["namespace"]
            fields += f",involvedObject.name={podless[0]['metadata']['name']}"
        events, _ = self._cluster.every("events", place, fields=fields)
        told: dict[str, tuple[str, ...]] = {}
        for event in sorted(events, key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or ""):
            job = event["involvedObject"].get("uid", "")
            told[job] = (*told.get(job, ()), str(event.get("message") or ""))
        return told


def gathered(jobs: Iterable[Manifest], pods: Iterable[Manifest]) -> dict[str, Found]:
    """Handle -> what carries it."""
    found = {label(job, names.HANDLE): Found(job) for job in jobs}
    for pod in pods:
        if handle := label(pod, names.HANDLE):
            found.setdefault(handle, Found()).pods.append(pod)
    return found


def label(thing: Manifest | None, name: str) -> str:
    return ((thing or {}).get("metadata", {}).get("labels") or {}).get(name, "")


def note(thing: Manifest | None, name: str) -> str:
    return ((thing or {}).get("metadata", {}).get("annotations") or {}).get(name, "")


def uid(thing: Manifest | None) -> str:
    return (thing or {}).get("metadata", {}).get("uid", "")


def _claimed_pod_is_gone(job: Manifest, now: datetime) -> Status:
    run_id, attempt = names.run_of(label(job, names.HANDLE))
    return Status(
        handle=label(job, names.HANDLE),
        run_id=run_id,
        attempt=attempt,
        phase=Phase.FAILED,
        reason=Reason.NODE_LOST,
        started_at=moment(job["metadata"].get("creationTimestamp")),
        finished_at=now,
        detail="The pod that ran the attempt is gone and left no word.",
        tenant_id=names.tenant_of(job["metadata"].get("labels") or {}),
    )


def lost(handle: str, *, was_there: bool = False) -> Status:
    """`was_there`: it was seen before, so that its run is named."""
    run_id, attempt = names.run_of(handle) if was_there else ("", 0)
    return Status(
        handle=handle,
        run_id=run_id,
        attempt=attempt,
        phase=Phase.LOST,
        reason=Reason.LOST,
        detail="The cluster has no such sandbox.",
    )
