"""The Job controller, as far as Jobs of one pod go: makes the pod, keeps the deadline, tells the end, forgets after a while."""

import contextlib
import secrets
import threading
import time
from datetime import UTC, datetime

from tests.doubles.kubernetes.store import ApiError, Manifest, Store, now_text

TRACKING = "batch.kubernetes.io/job-tracking"
PERIOD_SECONDS = 0.2
RETRY_SECONDS = 1.0
ENDED = frozenset({"Succeeded", "Failed"})


class JobController:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._stop = threading.Event()
        self._refused_until: dict[str, float] = {}
        self._thread: threading.Thread | None = None
        self._pods: dict[str, list[Manifest]] = {}
        self.problems: list[str] = []

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True, name="job controller")
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._store.lock:
                before = self._store.version
                jobs, _ = self._store.every("jobs")
                self._pods = _by_owner(self._store.every("pods")[0])
            for job in jobs:
                try:
                    self._look_after(job)
                except ApiError as error:
                    if error.status not in {404, 409}:
                        self.problems.append(f"job controller: {error.message}")
            self._release_orphans({job["metadata"]["uid"] for job in jobs})
            with self._store.lock:
                if self._store.version == before:
                    self._store.changed.wait(PERIOD_SECONDS)

    def _look_after(self, job: Manifest) -> None:
        place, name = job["metadata"]["namespace"], job["metadata"]["name"]
        ended = _condition(job, "Complete") or _condition(job, "Failed")
        if ended:
            self._forget_in_time(job, ended)
            return
        if not job.get("status", {}).get("startTime") and not job["spec"].get("suspend"):
            self._store.set_status("jobs", place, name, startTime=now_text(), active=0)
        pods = self._pods_of(job)
        failing = _condition(job, "FailureTarget")
        if self._is_past_deadline(job) and not failing:
            # First it decides, then it deletes, and only when the pods have ended it has failed.
            failing = self._conclude(
                job, "FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline"
            )
        if failing or job["spec"].get("suspend"):
            self._end_all(pods)
        if failing and all(_has_ended(pod) for pod in pods):
            self._conclude(job, "Failed", failing["reason"], failing["message"])
            self._release(pods)
        elif not failing:
            self._count(job, pods)

    def _count(self, job: Manifest, pods: list[Manifest]) -> None:
        for pod in pods:
            if not _has_ended(pod):
                continue
            if pod["status"]["phase"] == "Succeeded":
                self._conclude(job, "Complete", "CompletionsReached", "Reached expected number of succeeded pods")
            elif _condition(pod, "DisruptionTarget"):
                told = f"Pod {pod['metadata']['namespace']}/{pod['metadata']['name']} has condition DisruptionTarget matching FailJob rule at index 0"
                self._conclude(job, "Failed", "PodFailurePolicy", told)
            else:
                self._conclude(job, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
            self._release(pods)
            return
        started = job["metadata"].get("annotations", {}).get("double/had-a-pod")
        if not pods and started:
            self._conclude(job, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
        elif not pods and not job["spec"].get("suspend"):
            self._make_pod(job)

    def _make_pod(self, job: Manifest) -> None:
        place, name, uid = job["metadata"]["namespace"], job["metadata"]["name"], job["metadata"]["uid"]
        if time.monotonic() < self._refused_until.get(uid, 0):
            return
        template = job["spec"]["template"]
        metadata = {**template["metadata"], "namespace": place, "name": f"{name[:57]}-{secrets.token_hex(2)}a"}
        metadata["labels"] = metadata["labels"] | {"batch.kubernetes.io/job-name": name, "job-name": name}
        metadata["finalizers"] = [*metadata.get("finalizers", []), TRACKING]
        owner = {"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": uid, "controller": True}
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata | {"ownerReferences": [owner]},
            "spec": template["spec"],
        }
        try:
            self._store.create("pods", pod)
        except ApiError as error:
            self._refused_until[uid] = time.monotonic() + RETRY_SECONDS
            self._tell_refusal(job, error.message)
            return

        def note(thing: Manifest) -> None:
            thing["metadata"].setdefault("annotations", {})["double/had-a-pod"] = "yes"

        self._store.update("jobs", place, name, note)

    def _tell_refusal(self, job: Manifest, message: str) -> None:
        metadata = job["metadata"]
        involved = {"kind": "Job", "name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"]}
        event = {
            "metadata": {"name": f"event-{secrets.token_hex(6)}", "namespace": metadata["namespace"]},
            "involvedObject": involved,
            "reason": "FailedCreate",
            "type": "Warning",
            "message": f"Error creating: {message}",
            "lastTimestamp": now_text(),
        }
        self._store.create("events", event)

    def _is_past_deadline(self, job: Manifest) -> bool:
        began, seconds = job.get("status", {}).get("startTime"), job["spec"].get("activeDeadlineSeconds")
        return bool(began and seconds) and (datetime.now(UTC) - datetime.fromisoformat(began)).total_seconds() > seconds

    def _conclude(self, job: Manifest, kind: str, reason: str, message: str) -> Manifest:
        condition = {
            "type": kind,
            "status": "True",
            "reason": reason,
            "message": message,
            "lastTransitionTime": now_text(),
        }

        def change(thing: Manifest) -> None:
            conditions = thing.setdefault("status", {}).setdefault("conditions", [])
            if not any(one["type"] == kind for one in conditions):
                conditions.append(condition)

        self._store.update("jobs", job["metadata"]["namespace"], job["metadata"]["name"], change)
        return condition

    def _pods_of(self, job: Manifest) -> list[Manifest]:
        return self._pods.get(job["metadata"]["uid"], [])

    def _end_all(self, pods: list[Manifest]) -> None:
        for pod in pods:
            if "deletionTimestamp" not in pod["metadata"] and not _has_ended(pod):
                self._store.delete("pods", pod["metadata"]["namespace"], pod["metadata"]["name"], {})

    def _release(self, pods: list[Manifest]) -> None:
        for pod in pods:
            if TRACKING in pod["metadata"].get("finalizers", []):
                self._store.update("pods", pod["metadata"]["namespace"], pod["metadata"]["name"], _without_tracking)

    def _release_orphans(self, alive: set[str]) -> None:
        for owner, pods in self._pods.items():
            if owner not in alive:
                with contextlib.suppress(ApiError):
                    self._release(pods)

    def _forget_in_time(self, job: Manifest, ended: Manifest) -> None:
        seconds = job["spec"].get("ttlSecondsAfterFinished")
        since = (datetime.now(UTC) - datetime.fromisoformat(ended["lastTransitionTime"])).total_seconds()
        if seconds is not None and since > seconds:
            self._store.delete("jobs", job["metadata"]["namespace"], job["metadata"]["name"], {})


def _without_tracking(pod: Manifest) -> None:
    pod["metadata"]["finalizers"] = [one for one in pod["metadata"]["finalizers"] if one != TRACKING]


def _condition(thing: Manifest, kind: str) -> Manifest | None:
    return next((one for one in thing.get("status", {}).get("conditions", []) if one["type"] == kind), None)


def _owner(pod: Manifest) -> str:
    return next((one["uid"] for one in pod["metadata"].get("ownerReferences", [])), "")


def _by_owner(pods: list[Manifest]) -> dict[str, list[Manifest]]:
    found: dict[str, list[Manifest]] = {}
    for pod in pods:
        if owner := _owner(pod):
            found.setdefault(owner, []).append(pod)
    return found


def _has_ended(pod: Manifest) -> bool:
    """A pod that was deleted before any machine had it will not end in any other way."""
    never_ran = "deletionTimestamp" in pod["metadata"] and not pod["spec"].get("nodeName")
    return pod.get("status", {}).get("phase") in ENDED or never_ran
