"""From objects as clusters write them to how a sandbox stands."""

import pytest

from agent_platform.services.runtime import Phase, Reason, diagnose
from agent_platform.services.runtime._kubernetes.diagnosis import read
from tests.services.runtime.kubernetes.examples import SPEC
from tests.services.runtime.kubernetes.statuses import (
    CLAIMED,
    HEARD,
    LATE,
    NEVER_HEARD_OF,
    RUNNING,
    SOON,
    a_job,
    a_pod,
    ended,
    note,
    noted,
    text,
)


def waiting(reason: str, message: str = "") -> dict:
    return a_pod({"waiting": {"reason": reason, "message": message}}, "Pending")


def disrupted(reason: str) -> list[dict]:
    return [{"type": "DisruptionTarget", "status": "True", "reason": reason, "message": f"because of {reason}"}]


CANCELLED = {"ap.cancelled-at": text(5)}
DEADLINE = ("Failed", "DeadlineExceeded", "Job was active longer than specified deadline")
BACKOFF = ("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
EVICTED = {"reason": "Evicted", "message": "The node was low on resource: memory."}
QUOTA = 'Error creating: pods "x" is forbidden: exceeded quota: sandboxes, requested: pods=1, used: pods=20, limited: pods=20'
SECURITY = 'Error creating: pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged'
NO_CLASS = 'Error creating: pods "x" is forbidden: pod rejected: RuntimeClass "gvisor" not found'


UNSCHEDULABLE = [
    {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}
]


F, S = Phase.FAILED, Phase.SUCCEEDED


ENDS = {
    "the result came": (a_job(), a_pod(ended(0, noted(0, RUNNING)), "Succeeded"), S, Reason.OK, 0),
    "well, though it was asked to stop": (
        a_job(**CANCELLED),
        a_pod(ended(0, noted(0, RUNNING)), "Succeeded"),
        S,
        Reason.OK,
        0,
    ),
    "the Job completed and its pod is gone": (a_job(("Complete", "CompletionsReached", "")), None, S, Reason.OK, None),
    "its own error": (a_job(BACKOFF), a_pod(ended(3, noted(3, RUNNING)), "Failed"), F, Reason.ERROR, 3),
    "a signal": (a_job(), a_pod(ended(139, noted(139, RUNNING)), "Failed"), F, Reason.ERROR, 139),
    "out of memory": (a_job(), a_pod(ended(137, CLAIMED + RUNNING, "OOMKilled"), "Failed"), F, Reason.OOM, 137),
    "a child out of memory": (a_job(), a_pod(ended(9, noted(9, RUNNING, oom=True)), "Failed"), F, Reason.OOM, 9),
    "its own clock": (
        a_job(),
        a_pod(ended(143, noted(143, RUNNING, note("timeout", 8))), "Failed"),
        F,
        Reason.TIMEOUT,
        143,
    ),
    "never got its input": (
        a_job(),
        a_pod(ended(137, noted(137, note("start_timeout", 8))), "Failed"),
        F,
        Reason.START_TIMEOUT,
        137,
    ),
    "the deadline of the Job": (
        a_job(DEADLINE),
        a_pod(ended(137, CLAIMED + RUNNING), "Failed", deleted=9),
        F,
        Reason.TIMEOUT,
        137,
    ),
    "the deadline, decided and not yet told": (
        a_job(("FailureTarget", "DeadlineExceeded", "")),
        a_pod(ended(143), "Failed", deleted=9),
        F,
        Reason.TIMEOUT,
        143,
    ),
    "the deadline before it ran": (
        a_job(DEADLINE),
        a_pod({"waiting": {}}, "Failed", deleted=9),
        F,
        Reason.START_TIMEOUT,
        None,
    ),
    "the deadline, pod gone": (a_job(DEADLINE), None, F, Reason.TIMEOUT, None),
    "the deadline of a pod": (None, a_pod(ended(143), "Failed", reason="DeadlineExceeded"), F, Reason.TIMEOUT, 143),
    "cancelled": (
        a_job(**CANCELLED),
        a_pod(ended(143, noted(143, RUNNING, note("stopped", 8))), "Failed", deleted=9),
        F,
        Reason.CANCELLED,
        143,
    ),
    "cancelled and killed": (
        a_job(BACKOFF, **CANCELLED),
        a_pod(ended(137, CLAIMED + RUNNING), "Failed", deleted=9),
        F,
        Reason.CANCELLED,
        137,
    ),
    "cancelled, then evicted": (a_job(**CANCELLED), a_pod(ended(137), "Failed", **EVICTED), F, Reason.CANCELLED, 137),
    "cancelled before there was a pod": (a_job(**CANCELLED), None, F, Reason.CANCELLED, None),
    "cancelled before it had a machine": (
        a_job(**CANCELLED),
        a_pod(None, "Pending", deleted=0),
        F,
        Reason.CANCELLED,
        None,
    ),
    "cancelled, pod gone": (a_job(BACKOFF, **CANCELLED), None, F, Reason.CANCELLED, None),
    "evicted": (a_job(), a_pod(ended(137), "Failed", **EVICTED), F, Reason.EVICTED, 137),
    "evicted without a container": (a_job(), a_pod(None, "Failed", **EVICTED), F, Reason.EVICTED, None),
    "evicted by request": (
        a_job(),
        a_pod(ended(143), "Failed", conditions=disrupted("EvictionByEvictionAPI"), deleted=9),
        F,
        Reason.EVICTED,
        143,
    ),
    "preempted": (
        a_job(),
        a_pod(ended(143), "Failed", conditions=disrupted("PreemptionByScheduler"), deleted=9),
        F,
        Reason.EVICTED,
        143,
    ),
    "evicted, pod gone": (
        a_job(("Failed", "PodFailurePolicy", "has condition DisruptionTarget")),
        None,
        F,
        Reason.EVICTED,
        None,
    ),
    "too much on the machine's disk": (
        a_job(),
        a_pod(
            ended(137), "Failed", reason="Evicted", message='Usage of EmptyDir volume "work" exceeds the limit "64Mi".'
        ),
        F,
        Reason.ERROR,
        137,
    ),
    "the machine shut down": (
        a_job(),
        a_pod(None, "Failed", reason="Terminated", message="Pod was terminated in response to imminent node shutdown."),
        F,
        Reason.EVICTED,
        None,
    ),
    "no room after all": (
        a_job(),
        a_pod(None, "Failed", reason="OutOfcpu", message="Node didn't have enough resource"),
        F,
        Reason.EVICTED,
        None,
    ),
    "the machine was lost": (
        a_job(),
        a_pod({"running": {"startedAt": text(1)}}, "Running", reason="NodeLost", deleted=9),
        F,
        Reason.NODE_LOST,
        None,
    ),
    "the machine was tainted": (
        a_job(),
        a_pod({"running": {"startedAt": text(1)}}, conditions=disrupted("DeletionByTaintManager"), deleted=9),
        F,
        Reason.NODE_LOST,
        None,
    ),
    "nobody knows the pod": (a_job(), a_pod(None, "Unknown"), F, Reason.NODE_LOST, None),
    "nobody knows the container": (
        a_job(),
        a_pod(ended(137, "", "ContainerStatusUnknown"), "Failed"),
        F,
        Reason.NODE_LOST,
        137,
    ),
    "deleted by hand": (a_job(BACKOFF), a_pod(ended(143), "Failed", deleted=9), F, Reason.NODE_LOST, 143),
    "a claimed pod deleted by hand": (None, a_pod(ended(143), "Failed", deleted=9), F, Reason.NODE_LOST, 143),
    "deleted by hand, pod gone": (a_job(BACKOFF), None, F, Reason.NODE_LOST, None),
    "no such command": (a_job(), a_pod(ended(128, "exec: not found", "StartError"), "Failed"), F, Reason.ERROR, 128),
    "image not to be had": (a_job(), waiting("ImagePullBackOff", "Back-off pulling image"), F, Reason.IMAGE, None),
    "no image has such a name": (a_job(), waiting("InvalidImageName"), F, Reason.IMAGE, None),
    "image of root": (
        a_job(),
        waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
        F,
        Reason.IMAGE,
        None,
    ),
}


@pytest.mark.parametrize("case", ENDS)
def test_each_end_has_its_reason(case):
    job, pod, phase, reason, code = ENDS[case]
    status = read(job, pod, now=SOON)
    assert (status.phase, status.reason, status.exit_code) == (phase, reason, code), status
    assert status.finished_at is not None
    assert (status.handle, status.run_id, status.attempt) == (f"ap-{SPEC.run_id}-2", SPEC.run_id, 2)
    if status.started_at:
        assert status.started_at <= status.finished_at
    assert diagnose(status, HEARD).sentence.endswith(".")


NOT_YET = {
    "no pod yet": (a_job(), None, Phase.PENDING),
    "no machine yet": (a_job(), a_pod(None, "Pending", conditions=UNSCHEDULABLE), Phase.PENDING),
    "being made": (a_job(), waiting("ContainerCreating"), Phase.STARTING),
    "image fetched once more": (a_job(), waiting("ErrImagePull"), Phase.STARTING),
    "secret not yet there": (a_job(), waiting("CreateContainerConfigError", 'secret "x" not found'), Phase.STARTING),
    "runs": (a_job(), a_pod({"running": {"startedAt": text(1)}}), Phase.RUNNING),
    "cancelled, still in its grace": (
        a_job(**CANCELLED),
        a_pod({"running": {"startedAt": text(1)}}, deleted=35),
        Phase.RUNNING,
    ),
    "ended, the Job has not said why": (a_job(), a_pod(ended(143), "Failed", deleted=9), Phase.RUNNING),
}


@pytest.mark.parametrize("case", NOT_YET)
def test_what_has_not_ended_is_not_told_as_ended(case):
    job, pod, phase = NOT_YET[case]
    status = read(job, pod, now=SOON)
    assert (status.phase, status.reason, status.finished_at) == (phase, None, None)


TOO_LATE = {
    "no pod": (None, (), Reason.START_TIMEOUT),
    "no machine": (a_pod(None, "Pending", conditions=UNSCHEDULABLE), (), Reason.QUOTA),
    "being made": (waiting("ContainerCreating"), (), Reason.START_TIMEOUT),
    "image": (waiting("ErrImagePull", "rpc error"), (), Reason.IMAGE),
    "secret": (waiting("CreateContainerConfigError", 'secret "x" not found'), (), Reason.START_TIMEOUT),
    "quota": (None, (QUOTA,), Reason.QUOTA),
    "some other refusal": (None, ("Error creating: the server is on fire",), Reason.START_TIMEOUT),
}


@pytest.mark.parametrize("case", TOO_LATE)
def test_what_does_not_start_in_time_has_failed(case):
    pod, refusals, reason = TOO_LATE[case]
    assert not read(a_job(), pod, now=SOON, refusals=refusals).phase.is_terminal
    status = read(a_job(), pod, now=LATE, refusals=refusals)
    assert (status.phase, status.reason, status.started_at) == (Phase.FAILED, reason, None)
    assert diagnose(status, NEVER_HEARD_OF).failure_class == "platform"


@pytest.mark.parametrize("refusal", [SECURITY, NO_CLASS])
def test_a_pod_that_the_cluster_never_admits_has_failed_at_once(refusal):
    status = read(a_job(), None, now=SOON, refusals=(QUOTA, refusal))
    assert (status.phase, status.reason, status.detail) == (Phase.FAILED, Reason.ERROR, refusal)
    assert diagnose(status, NEVER_HEARD_OF).code == "launch_failed"


def test_a_pod_whose_machine_does_not_answer_is_lost_after_its_grace():
    pod = a_pod({"running": {"startedAt": text(1)}}, deleted=9)
    assert read(a_job(), pod, now=SOON).phase is Phase.RUNNING
    later = read(a_job(), pod, now=LATE)
    assert (later.reason, later.exit_code) == (Reason.NODE_LOST, None)


def test_a_job_that_never_says_why_its_pod_was_deleted_does_not_wait_for_ever():
    pod = a_pod(ended(143), "Failed", deleted=9)
    assert read(a_job(), pod, now=LATE).reason is Reason.NODE_LOST
