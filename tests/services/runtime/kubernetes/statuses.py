"""Jobs and pods as a cluster describes them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_platform.services.runtime import Seen
from agent_platform.services.runtime._kubernetes import pods
from tests.services.runtime.kubernetes.examples import CONFIG, SPEC

T0 = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
NEVER_HEARD_OF, HEARD = Seen(had_input=False), Seen(had_input=True)
SOON, LATE = T0 + timedelta(seconds=10), T0 + timedelta(seconds=62)


def text(seconds: float) -> str:
    return (T0 + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def note(what: str, at: float, **members: Any) -> str:
    return json.dumps({"what": what, "at": T0.timestamp() + at, **members}) + "\n"


CLAIMED, RUNNING = note("claimed", 2), note("running", 2.25)
USAGE = {"cpu_seconds": 0.5, "peak_memory_bytes": 31_000_000}


def noted(code: int, *notes: str, oom: bool = False, words: str = "") -> str:
    return CLAIMED + "".join(notes) + note("exit", 8.5, code=code, oom=oom, words=words, **USAGE)


def a_job(*conditions: tuple[str, str, str], **annotations: str) -> dict:
    job = pods.job(CONFIG, SPEC)
    job["metadata"] |= {"uid": "u", "creationTimestamp": text(0)}
    job["metadata"]["annotations"] = job["metadata"]["annotations"] | annotations
    told = [
        {"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": text(9)}
        for kind, reason, message in conditions
    ]
    job["status"] = {"startTime": text(0), "conditions": told}
    return job


def a_pod(state: dict | None = None, phase: str = "Running", *, deleted: float | None = None, **status: Any) -> dict:
    pod = {
        "metadata": {"name": "p", "namespace": "n", "creationTimestamp": text(0)},
        "status": {"phase": phase, **status},
    }
    pod["metadata"] |= {"labels": pods.job(CONFIG, SPEC)["metadata"]["labels"]}
    if state is not None:
        pod["status"]["containerStatuses"] = [{"name": "agent", "state": state}]
    if deleted is not None:
        pod["metadata"]["deletionTimestamp"] = text(deleted)
    return pod


def ended(code: int, message: str = "", reason: str = "", **members: Any) -> dict:
    reason = reason or ("Error" if code else "Completed")
    return {
        "terminated": {
            "exitCode": code,
            "reason": reason,
            "message": message,
            "startedAt": text(1),
            "finishedAt": text(8),
            **members,
        }
    }
