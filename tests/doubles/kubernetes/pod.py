"""The life of one pod on a machine: scheduled, pulled, mounted, started, claimed, ended, deleted."""

import contextlib
import queue
import socket
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from agent_platform.services.runtime import Rejected, Status, Transient, handle_of
from tests.doubles.kubernetes import entry
from tests.doubles.kubernetes.podlog import PodLog
from tests.doubles.kubernetes.store import ApiError, Manifest, now_text

if TYPE_CHECKING:
    from tests.doubles.kubernetes.kubelet import Kubelet

LOOK_SECONDS = 0.05
BACKOFF_SECONDS = 0.3
DEADLINE_GRACE_SECONDS = 2.0
DEADLINE_WORDS = "Pod was active on the node longer than the specified deadline"


class Gone(Exception):
    """The pod was deleted before its container ran."""


class PodOnNode:
    def __init__(self, kubelet: "Kubelet", pod: Manifest) -> None:
        self._kubelet = kubelet
        self._pod = pod
        self._place, self._name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        self._news: queue.Queue[object] = queue.Queue()
        self._forgotten = threading.Event()
        self._handle = ""
        self._claim: entry.Claim | None = None
        self._failure: dict[str, Any] = {}
        self._started_at = ""
        self.log: PodLog | None = None
        self.is_cut_off = False

    def start(self) -> None:
        threading.Thread(target=self._live, daemon=True, name=f"pod {self._name}").start()

    def seen(self, pod: Manifest) -> None:
        if pod["metadata"]["resourceVersion"] != self._pod["metadata"]["resourceVersion"]:
            self._pod = pod
            self._news.put(None)

    def heard(self, status: Status) -> None:
        if status.phase.is_terminal:
            self._news.put(status)

    def forget(self) -> None:
        """Nothing of it is left on the machine."""
        self._forgotten.set()
        self._news.put(None)
        if self._handle:
            self._kubelet.clear_away(self._handle)

    def has_ended(self) -> bool:
        found = self._kubelet.store.find("pods", self._place, self._name)
        return found is None or found.get("status", {}).get("phase") in {"Succeeded", "Failed"}

    def evict(self, message: str) -> None:
        condition = {"type": "DisruptionTarget", "status": "True", "reason": "TerminationByKubelet", "message": message}
        self._failure = {"reason": "Evicted", "message": message, "conditions": [condition]}
        self._kubelet.sandboxes.cancel(self._handle, 0)

    def _live(self) -> None:
        try:
            self._come_up()
            self._run()
        except (Gone, ApiError):
            self._confirm_deletion()
        except entry.Misled as error:
            self._kubelet.problems.append(f"{self._name}: {error}")
            self._report("Failed", {"terminated": {"reason": "Error", "exitCode": 70, "message": str(error)}})
        except Transient:
            self._kubelet.problems.append(f"{self._name}: the sandbox host went away")

    def _come_up(self) -> None:
        while self._kubelet.unschedulable:
            told = {
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": "0/1 nodes are available: 1 Insufficient memory.",
            }
            self._status(phase="Pending", conditions=[told])
            self._wait(LOOK_SECONDS)
        self._kubelet.store.update("pods", self._place, self._name, _bound)
        self._status(phase="Pending", startTime=now_text(), conditions=[{"type": "PodScheduled", "status": "True"}])
        self._waits("ContainerCreating")
        image = self._pod["spec"]["containers"][0]["image"]
        while image not in self._kubelet.images:
            self._waits("ErrImagePull", f'rpc error: code = NotFound desc = failed to pull "{image}"')
            self._wait(BACKOFF_SECONDS)
            self._waits("ImagePullBackOff", f'Back-off pulling image "{image}"')
            self._wait(BACKOFF_SECONDS)
        while any(
            self._kubelet.store.find("secrets", self._place, name) is None for name in entry.secrets_of(self._pod)
        ):
            self._wait(LOOK_SECONDS)

    def _run(self) -> None:
        options = entry.options_of(self._pod)
        self._started_at = now_text()
        if "--port" in options:
            self._claim = self._claimed_by_port(int(options["--port"]))
        else:
            self._claim = entry.claim_by_file(self._kubelet.store, self._pod, options)
            self._status(podIP=self._kubelet.address())
        self._claim.note("claimed")
        if self._kubelet.clocks_stand_still:
            self._claim.start_seconds, self._claim.wall_seconds = 3600, 3600
        entry.refuse_unreachable_broker(self._kubelet.store, self._pod, self._claim.broker)
        self._report("Running", self._running())
        name = self._kubelet.sandbox_name()
        self._handle = handle_of(name, 1)
        self.log = self._kubelet.log_of(self._handle)
        self._kubelet.by_sandbox[self._handle] = self
        try:
            self._kubelet.sandboxes.start(entry.sandbox_of(self._pod, self._claim, name))
        except Rejected as error:
            raise entry.Misled(str(error)) from error
        if self._forgotten.is_set():
            self._kubelet.clear_away(self._handle)
            return
        self._until_the_end()

    def _until_the_end(self) -> None:
        grace: float | None = None
        while not self._forgotten.is_set():
            with contextlib.suppress(queue.Empty):
                status = self._news.get(timeout=self._patience())
                if isinstance(status, Status):
                    self._end(status)
                    return
            asked = self._pod["metadata"].get("deletionGracePeriodSeconds")
            if asked is not None and (grace is None or asked < grace):
                grace = asked
                self._kubelet.sandboxes.cancel(self._handle, asked)
            if self._is_past_deadline() and not self._failure:
                self._failure = {"reason": "DeadlineExceeded", "message": DEADLINE_WORDS}
                self._kubelet.sandboxes.cancel(self._handle, DEADLINE_GRACE_SECONDS)

    def _end(self, status: Status) -> None:
        ended = entry.terminated(self._claim, status) | {"startedAt": self._started_at, "finishedAt": now_text()}
        well = ended["exitCode"] == 0 and not self._failure
        self._report("Succeeded" if well else "Failed", {"terminated": ended}, **self._failure)
        while not self._forgotten.is_set() and "deletionTimestamp" not in self._pod["metadata"]:
            self._news.get()
        self._confirm_deletion()

    def _claimed_by_port(self, port: int) -> entry.Claim:
        with self._kubelet.listen(port) as listener:
            listener.settimeout(LOOK_SECONDS)
            self._status(podIP=listener.getsockname()[0])
            self._report("Running", self._running(), started=True)
            while True:
                if self._is_past_deadline():
                    raise Gone
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    if claim := _one_claim(connection):
                        return claim
                self._wait(0)

    def _confirm_deletion(self) -> None:
        """Told to the API server once nothing runs any more."""
        with contextlib.suppress(ApiError):
            found = self._kubelet.store.find("pods", self._place, self._name)
            if not self.is_cut_off and found and "deletionTimestamp" in found["metadata"]:
                if found.get("status", {}).get("phase") not in {"Succeeded", "Failed"}:
                    self._status(phase="Failed")
                self._kubelet.store.delete("pods", self._place, self._name, {"gracePeriodSeconds": 0})

    def _wait(self, seconds: float) -> None:
        if seconds:
            time.sleep(seconds)
        if self._forgotten.is_set() or "deletionTimestamp" in self._pod["metadata"]:
            raise Gone

    def _waits(self, reason: str, message: str = "") -> None:
        self._report("Pending", {"waiting": {"reason": reason, "message": message}})

    def _running(self) -> dict[str, Any]:
        return {"running": {"startedAt": self._started_at}}

    def _report(self, phase: str, state: dict[str, Any], *, started: bool = False, **members: Any) -> None:
        container = {
            "name": "agent",
            "ready": "running" in state,
            "started": started or "running" in state,
            "state": state,
        }
        self._status(phase=phase, containerStatuses=[container], **members)

    def _status(self, **members: Any) -> None:
        if not self.is_cut_off:
            self._kubelet.store.set_status("pods", self._place, self._name, **members)

    def _patience(self) -> float:
        return 1.0 if self._pod["spec"].get("activeDeadlineSeconds") else 10.0

    def _is_past_deadline(self) -> bool:
        seconds = self._pod["spec"].get("activeDeadlineSeconds")
        began = self._pod.get("status", {}).get("startTime")
        return bool(seconds and began) and (datetime.now(UTC) - datetime.fromisoformat(began)).total_seconds() > seconds


def _bound(pod: Manifest) -> None:
    pod["spec"]["nodeName"] = "node-1"


def _one_claim(connection: socket.socket) -> entry.Claim | None:
    with connection:
        connection.settimeout(5)
        with contextlib.suppress(OSError):
            line = b""
            while not line.endswith(b"\n"):
                piece = connection.recv(65536)
                if not piece:
                    return None
                line += piece
            claim = entry.claim_by_line(line)
            if claim:
                connection.sendall(b"claimed\n")
            return claim
    return None
