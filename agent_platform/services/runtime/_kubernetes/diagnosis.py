"""From the cluster's JSON to how a sandbox stands. Pure: rules in their order, the first that applies decides.

Source: kubernetes/pkg/apis/core/types.go (DisruptionTarget reasons), pkg/kubelet/images/types.go (image reasons),
pkg/controller/job/job_controller.go (FailureTarget before Failed).
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.evidence import Evidence, moment
from agent_platform.services.runtime._kubernetes.pods import Manifest
from agent_platform.services.runtime.port import Phase, Reason, Status

IMAGE_REASONS = frozenset(
    {"ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "SignatureValidationFailed"}
)
# Still trying: the next look says ImagePullBackOff when it stays so.
IMAGE_TRIES = frozenset({"ErrImagePull", "RegistryUnavailable"})
CONFIG_REASONS = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
# A container that never became a process.
NO_PROCESS = frozenset({"StartError", "ContainerCannotRun", "CreateContainerError"})
MACHINE_GONE = frozenset({"DeletionByTaintManager", "DeletionByPodGC", "NodeLost", "ContainerStatusUnknown"})
# The kubelet measured what the agent itself wrote.
OWN_STORAGE = ("exceeds the limit", "exceeds the total limit", "exceeded its local ephemeral storage limit")
NEVER = ("violates PodSecurity", "RuntimeClass", "is invalid")
ROOT_IMAGE = "runAsNonRoot"
# How long an ended pod waits for its Job to say who ended it.
JOB_LAG = timedelta(seconds=15)


class End(NamedTuple):
    """How a sandbox stands. `ran`: the runner had its input, as far as anybody knows."""

    phase: Phase
    reason: Reason | None = None
    detail: str = ""
    ran: bool = True


def read(job: Manifest | None, pod: Manifest | None, *, now: datetime, refusals: tuple[str, ...] = ()) -> Status:
    """The status of the sandbox that these objects are; a claimed pod comes without a Job.

    `refusals`: why the cluster made no pod of the Job, newest last.
    """
    seen = Evidence(job, pod, refusals, now)
    rules = RULES_OF_AN_ENDED_CONTAINER if seen.terminated is not None else RULES_WITHOUT_AN_END
    end = next(end for rule in rules if (end := rule(seen)))
    finished = end.phase.is_terminal
    handle = seen.label.get(names.HANDLE, "")
    run_id, attempt = names.run_of(handle)
    started_at = _started_at(seen) if end.ran else None
    finished_at = moment((seen.terminated or {}).get("finishedAt")) or _job_end_at(seen) or now
    return Status(
        handle=handle,
        run_id=run_id,
        attempt=attempt,
        phase=end.phase,
        reason=end.reason,
        exit_code=(seen.terminated or {}).get("exitCode") if finished else None,
        started_at=started_at,
        # The cluster cuts its instants to whole seconds.
        finished_at=max(finished_at, started_at or finished_at) if finished else None,
        usage=seen.last_word.usage if finished else None,
        detail=end.detail,
        tenant_id=names.tenant_of(seen.label),
    )


def _failed(seen: Evidence, reason: Reason, detail: str, *, ran: bool = True) -> End:
    """A stop that we asked for explains every later evidence."""
    return End(Phase.FAILED, Reason.CANCELLED if seen.cancelled else reason, detail, ran)


def _words(seen: Evidence) -> str:
    container = seen.terminated or {}
    told = (
        seen.last_word.words or seen.pod_status.get("message") or container.get("message" if not _spoke(seen) else "")
    )
    return told or f"{container.get('reason') or 'ended'}, exit code {container.get('exitCode')}"


def _never_a_process(seen: Evidence) -> End | None:
    if (seen.terminated or {}).get("reason") not in NO_PROCESS:
        return None
    return _failed(seen, Reason.ERROR, _words(seen), ran=False)


def _ended_well(seen: Evidence) -> End | None:
    return End(Phase.SUCCEEDED, Reason.OK) if (seen.terminated or {}).get("exitCode") == 0 else None


def _ended_on_request(seen: Evidence) -> End | None:
    return _failed(seen, Reason.CANCELLED, _words(seen), ran=_ever_ran(seen)) if seen.cancelled else None


def _ended_at_the_deadline(seen: Evidence) -> End | None:
    """Of the Job, which alone says so, or of a pod without one."""
    job_reason, job_message = seen.job_end or ("", "")
    if "DeadlineExceeded" not in {job_reason, seen.pod_status.get("reason")}:
        return None
    told = job_message or seen.pod_status.get("message") or "The cluster ended it at its deadline."
    ran = _ever_ran(seen) if seen.terminated is not None else seen.running_since is not None or seen.pod is None
    return _failed(seen, Reason.TIMEOUT if ran else Reason.START_TIMEOUT, told, ran=ran)


def _out_of_memory(seen: Evidence) -> End | None:
    return _failed(seen, Reason.OOM, _words(seen)) if (seen.terminated or {}).get("reason") == "OOMKilled" else None


def _by_the_cluster(seen: Evidence) -> End | None:
    """The cluster took an ended pod away, whatever its container says."""
    reason, message = seen.pod_status.get("reason") or "", seen.pod_status.get("message") or ""
    disrupted, because = seen.disruption or ("", "")
    if seen.pod_status.get("phase") == "Unknown" or MACHINE_GONE & {
        reason,
        disrupted,
        (seen.terminated or {}).get("reason"),
    }:
        return _failed(seen, Reason.NODE_LOST, message or because or "The machine went away.")
    if seen.terminated is None and seen.pod_status.get("phase") != "Failed":
        return None
    if reason == "Evicted" and any(words in message for words in OWN_STORAGE):
        return _failed(seen, Reason.ERROR, message)
    if reason or disrupted:
        return _failed(seen, Reason.EVICTED, f"{reason or disrupted}: {message or because}".rstrip(": "))
    return None


def _by_its_own_clock(seen: Evidence) -> End | None:
    """What the entry of the container noted; the container itself only says Error and a number."""
    noted = seen.last_word
    if "timeout" in noted.reasons:
        return _failed(seen, Reason.TIMEOUT, _words(seen))
    if "start_timeout" in noted.reasons and not _ever_ran(seen):
        return _failed(seen, Reason.START_TIMEOUT, _words(seen), ran=False)
    return _failed(seen, Reason.OOM, _words(seen)) if noted.oom else None


def _deleted_by_whom(seen: Evidence) -> End | None:
    """A Job deletes its pod when it gives up, and says so a moment later: until then nothing is told."""
    if not seen.deleted_at:
        return None
    ended_at = moment((seen.terminated or {}).get("finishedAt")) or seen.now
    if seen.job and not seen.job_end and seen.now < ended_at + JOB_LAG:
        return End(Phase.RUNNING, None, "The pod was ended; waiting for the Job to say why.")
    return _failed(
        seen, Reason.NODE_LOST, "The pod was deleted by somebody else than the platform.", ran=_ever_ran(seen)
    )


def _ended_by_itself(seen: Evidence) -> End:
    return _failed(seen, Reason.ERROR, _words(seen), ran=_ever_ran(seen))


def _job_without_its_pod(seen: Evidence) -> End | None:
    if seen.pod is not None and seen.pod_status.get("phase") != "Failed":
        return None
    if seen.job_complete:
        return End(Phase.SUCCEEDED, Reason.OK, "The pod is gone; its Job completed.")
    if not seen.job_end:
        return None
    reason, message = seen.job_end
    if reason == "PodFailurePolicy":
        return _failed(seen, Reason.EVICTED, message)
    return _failed(
        seen, Reason.NODE_LOST, f"The pod is gone and left no word ({reason}: {message}).", ran=seen.pod is not None
    )


def _failed_without_a_container(seen: Evidence) -> End | None:
    if seen.pod_status.get("phase") != "Failed":
        return None
    return _failed(
        seen, Reason.LOST, seen.pod_status.get("message") or "The pod failed without a container.", ran=False
    )


def _does_not_end(seen: Evidence) -> End | None:
    if not seen.deleted_at or seen.now < seen.deleted_at + JOB_LAG:
        return None
    return _failed(seen, Reason.NODE_LOST, "The machine did not end the pod when told to.")


def _runs(seen: Evidence) -> End | None:
    return End(Phase.RUNNING) if seen.running_since else None


def _image_is_missing(seen: Evidence) -> End | None:
    reason, words = _waiting(seen)
    if reason in IMAGE_REASONS or (reason in CONFIG_REASONS and ROOT_IMAGE in words):
        return _failed(seen, Reason.IMAGE, f"{reason}: {words}".rstrip(": "), ran=False)
    return None


def _never_admitted(seen: Evidence) -> End | None:
    never = next((text for text in reversed(seen.refusals) if any(part in text for part in NEVER)), "")
    return _failed(seen, Reason.ERROR, never, ran=False) if never and seen.pod is None else None


def _cancelled_before_it_ran(seen: Evidence) -> End | None:
    if not seen.cancelled or (seen.pod is not None and not seen.deleted_at):
        return None
    return End(Phase.FAILED, Reason.CANCELLED, "It was cancelled before it ran.", ran=False)


def _too_late(seen: Evidence) -> End | None:
    if not seen.is_over(names.START_SECONDS):
        return None
    reason, words = _waiting(seen)
    told = f"{reason}: {words}".rstrip(": ")
    if seen.pod is None and seen.refusals:
        quota = "exceeded quota" in seen.refusals[-1]
        return _failed(seen, Reason.QUOTA if quota else Reason.START_TIMEOUT, seen.refusals[-1], ran=False)
    if seen.unschedulable:
        return _failed(seen, Reason.QUOTA, seen.unschedulable, ran=False)
    why = Reason.IMAGE if reason in IMAGE_TRIES else Reason.START_TIMEOUT
    return _failed(seen, why, told or "No container was running in time.", ran=False)


def _comes(seen: Evidence) -> End:
    reason, words = _waiting(seen)
    phase = Phase.PENDING if seen.pod is None or seen.unschedulable else Phase.STARTING
    return End(phase, None, f"{reason}: {words}".rstrip(": "), ran=False)


RULES_OF_AN_ENDED_CONTAINER = (
    _never_a_process,
    _ended_well,
    _ended_on_request,
    _ended_at_the_deadline,
    _out_of_memory,
    _by_the_cluster,
    _by_its_own_clock,
    _deleted_by_whom,
    _ended_by_itself,
)
RULES_WITHOUT_AN_END = (
    _by_the_cluster,
    _ended_at_the_deadline,
    _job_without_its_pod,
    _failed_without_a_container,
    _does_not_end,
    _runs,
    _image_is_missing,
    _never_admitted,
    _cancelled_before_it_ran,
    _too_late,
    _comes,
)


def _waiting(seen: Evidence) -> tuple[str, str]:
    waiting = seen.container.get("waiting") or {}
    return waiting.get("reason") or "", waiting.get("message") or ""


def _spoke(seen: Evidence) -> bool:
    return seen.last_word.spoken


def _ever_ran(seen: Evidence) -> bool:
    """Whether the runner had its input, as far as the entry could say so before it ended."""
    return seen.last_word.started_at is not None or not seen.last_word.spoken


def _started_at(seen: Evidence) -> datetime | None:
    if seen.terminated is None:
        return seen.running_since
    if seen.last_word.spoken:
        return seen.last_word.started_at
    container = moment(seen.terminated.get("startedAt"))
    return max(container, seen.claimed_at) if container and seen.claimed_at else container


def _job_end_at(seen: Evidence) -> datetime | None:
    ends = [moment(one.get("lastTransitionTime")) for one in seen.job_conditions]
    return max((end for end in ends if end), default=None)
