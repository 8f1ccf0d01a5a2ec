"""Pods, Jobs and Secrets as pure functions of a specification. No text of a tenant reaches a security field.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/ (restricted).
"""

import base64
import json
import math
from typing import Any

from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime.port import Isolation, Limits, SandboxSpec, handle_of

Manifest = dict[str, Any]

ENTRY = ["/usr/bin/python3", "-I", "-S", "-B", "-X", "utf8", "-m", "agent_platform.sdk.container"]
ENVIRONMENT = {"HOME": "/work", "LANG": "C.UTF-8", "PATH": "/usr/bin", "TMPDIR": "/tmp", "USER": "agent"}  # noqa: S108 - inside
CONTAINER = "agent"
TOKEN_DIR, TOKEN_NAME = "/run/ap-token", "token"
SERVICE_ACCOUNT = "agent"
TERM_GRACE_SECONDS = 2
# The container keeps its own wall clock to the second; the cluster's is for one that cannot any more.
DEADLINE_SLACK_SECONDS = 15
UNREACHABLE_SECONDS = 30
# The entry, the runner and the runner's flush thread.
OWN_PROCESSES = 3
RUNTIME_CLASSES: dict[Isolation, str] = {"gvisor": "gvisor", "kata": "kata"}


def job(config: ClusterConfig, spec: SandboxSpec, *, decided: bool = True) -> Manifest:
    """The Job of one attempt: one pod, never replaced, ended by the cluster past its deadline.

    Undecided it is suspended: a warm pod may do in place of its own.
    """
    name = handle_of(spec.run_id, spec.attempt)
    labels = names.labels_of(config, spec, names.COLD)
    limits = spec.limits
    arguments = ["--token-file", f"{TOKEN_DIR}/{TOKEN_NAME}", "--broker", config.broker_url]
    arguments += ["--start-seconds", f"{limits.start_seconds:g}", "--wall-seconds", f"{limits.wall_seconds:g}"]
    arguments += ["--log-bytes", str(limits.log_bytes), "--rlimits", json.dumps(rlimits(limits), separators=(",", ":"))]
    pod = _pod(
        config, limits, name=name, image=spec.image or config.image, isolation=spec.isolation, arguments=arguments
    )
    _with_token(pod, name)
    template = {
        "metadata": {"labels": labels, "annotations": _annotations(limits), "finalizers": [names.KEEP]},
        "spec": pod,
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": names.namespace_of(config, spec.tenant_id),
            "labels": labels,
            "annotations": _annotations(limits) | {names.POD: names.OWN if decided else names.UNDECIDED},
        },
        "spec": {
            "suspend": not decided,
            "backoffLimit": 0,
            "completions": 1,
            "parallelism": 1,
            "activeDeadlineSeconds": deadline_seconds(limits),
            "ttlSecondsAfterFinished": config.keep_seconds,
            "podReplacementPolicy": "Failed",
            # The evidence of an eviction stays on the Job when the pod is gone with its machine.
            "podFailurePolicy": {
                "rules": [{"action": "FailJob", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]
            },
            "template": template,
        },
    }


def token_secret(config: ClusterConfig, spec: SandboxSpec, *, job_uid: str) -> Manifest:
    """The run token, owned by the Job: whatever becomes of us, it goes with it."""
    name = handle_of(spec.run_id, spec.attempt)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": names.namespace_of(config, spec.tenant_id),
            "labels": names.labels_of(config, spec, names.COLD),
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "name": name,
                    "uid": job_uid,
                    "controller": True,
                    "blockOwnerDeletion": False,
                }
            ],
        },
        "type": "Opaque",
        "immutable": True,
        "data": {TOKEN_NAME: base64.b64encode(spec.token.encode()).decode()},
    }


def warm_pod(config: ClusterConfig, name: str) -> Manifest:
    """A started container that holds nothing of any tenant and waits for one claim."""
    arguments = ["--port", str(config.claim_port)]
    pod = _pod(config, config.warm, name=name, image=config.image, isolation="standard", arguments=arguments)
    # Counted as ready once it listens; after that nobody asks any more.
    pod["containers"][0]["startupProbe"] = {
        "tcpSocket": {"port": config.claim_port},
        "periodSeconds": 1,
        "failureThreshold": math.ceil(config.warm.start_seconds),
    }
    pod["containers"][0]["ports"] = [{"name": "claim", "containerPort": config.claim_port, "protocol": "TCP"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": config.pool_namespace,
            "labels": names.ours(config) | {names.STATE: names.WARM},
        },
        "spec": pod,
    }


def claim_patch(config: ClusterConfig, spec: SandboxSpec, *, at: str, age_seconds: float) -> list[Manifest]:
    """JSON patch that makes a warm pod the sandbox of this attempt; its `test` fails for all but the first who asks."""
    labels = names.labels_of(config, spec, names.CLAIMED)
    annotations = _annotations(spec.limits) | {names.CLAIMED_AT: at}
    return [
        {"op": "test", "path": f"/metadata/labels/{names.STATE}", "value": names.WARM},
        {"op": "add", "path": "/metadata/labels", "value": labels},
        {"op": "add", "path": "/metadata/annotations", "value": annotations},
        {"op": "add", "path": "/metadata/finalizers", "value": [names.KEEP]},
        # Counted from the start of the pod, which has been waiting.
        {
            "op": "add",
            "path": "/spec/activeDeadlineSeconds",
            "value": math.ceil(age_seconds) + deadline_seconds(spec.limits),
        },
    ]


def decision_patch(before: str, after: str, **notes: str) -> list[Manifest]:
    """JSON patch by which one worker decides which pod is the attempt's; it fails when another has decided."""
    path = f"/metadata/annotations/{names.POD}"
    decided: list[Manifest] = [
        {"op": "test", "path": path, "value": before},
        {"op": "replace", "path": path, "value": after},
    ]
    decided += [{"op": "add", "path": f"/metadata/annotations/{name}", "value": text} for name, text in notes.items()]
    return decided + ([{"op": "replace", "path": "/spec/suspend", "value": False}] if after == names.OWN else [])


def claim_line(config: ClusterConfig, spec: SandboxSpec) -> bytes:
    """What the waiting container is told, once."""
    claim = {
        "token": spec.token,
        "broker": config.broker_url,
        "name": handle_of(spec.run_id, spec.attempt),
        "rlimits": rlimits(spec.limits),
        "start_seconds": spec.limits.start_seconds,
        "wall_seconds": spec.limits.wall_seconds,
        "log_bytes": spec.limits.log_bytes,
    }
    return json.dumps(claim, separators=(",", ":")).encode() + b"\n"


def deadline_seconds(limits: Limits) -> int:
    return math.ceil(limits.start_seconds + limits.wall_seconds) + DEADLINE_SLACK_SECONDS


def rlimits(limits: Limits) -> dict[str, int]:
    """What the runner lowers for itself: no pod field bounds processes or the size of one file."""
    return {"RLIMIT_NPROC": limits.pids + OWN_PROCESSES, "RLIMIT_FSIZE": limits.disk_mb * 1024 * 1024}


def _annotations(limits: Limits) -> dict[str, str]:
    return {
        names.START_SECONDS: f"{limits.start_seconds:g}",
        names.WALL_SECONDS: f"{limits.wall_seconds:g}",
        names.LOG_BYTES: str(limits.log_bytes),
    }


def _pod(
    config: ClusterConfig, limits: Limits, *, name: str, image: str, isolation: Isolation, arguments: list[str]
) -> Manifest:
    uid = names.own_uid(name)
    isolation = config.isolation if isolation == "standard" else isolation
    pod: Manifest = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": TERM_GRACE_SECONDS,
        "serviceAccountName": SERVICE_ACCOUNT,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "hostNetwork": False,
        "hostPID": False,
        "hostIPC": False,
        "shareProcessNamespace": False,
        # No name is looked up: the one that is needed is in hostAliases, every other question ends at once.
        "dnsPolicy": "None",
        "dnsConfig": {"nameservers": ["127.0.0.1"]},
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": uid,
            "runAsGroup": uid,
            "fsGroup": uid,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "tolerations": [_until_unreachable("not-ready"), _until_unreachable("unreachable")],
        "containers": [_container(limits, image, arguments)],
        "volumes": [_folder("agent", limits), _folder("work", limits)],
    }
    if config.broker_address not in {"", config.broker_host}:
        pod["hostAliases"] = [{"ip": config.broker_address, "hostnames": [config.broker_host]}]
    if isolation in RUNTIME_CLASSES:
        pod["runtimeClassName"] = RUNTIME_CLASSES[isolation]
    return pod


def _container(limits: Limits, image: str, arguments: list[str]) -> Manifest:
    return {
        "name": CONTAINER,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": list(ENTRY),
        "args": arguments,
        "workingDir": "/work",
        "env": [{"name": name, "value": value} for name, value in ENVIRONMENT.items()],
        "resources": _resources(limits),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [
            {"name": "agent", "mountPath": "/agent"},
            {"name": "work", "mountPath": "/work"},
            # One sized file system for both, so that disk_mb bounds what the agent writes.
            {"name": "work", "mountPath": "/tmp", "subPath": ".tmp"},  # noqa: S108 - inside
        ],
    }


def _resources(limits: Limits) -> Manifest:
    amounts = {
        "cpu": f"{max(1, round(limits.cpu * 1000))}m",
        "memory": f"{limits.memory_mb}Mi",
        # Folders are in memory; what is left on the machine's disk is the log.
        "ephemeral-storage": f"{math.ceil(2 * limits.log_bytes / 1024 / 1024) + 16}Mi",
    }
    return {"requests": dict(amounts), "limits": dict(amounts)}


def _folder(name: str, limits: Limits) -> Manifest:
    # In memory: the kernel then refuses the byte past the limit, where a folder on disk would be measured now and then.
    return {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": f"{limits.disk_mb}Mi"}}


def _with_token(pod: Manifest, secret: str) -> None:
    pod["volumes"].append({"name": "token", "secret": {"secretName": secret, "defaultMode": 0o440, "optional": False}})
    pod["containers"][0]["volumeMounts"].append({"name": "token", "mountPath": TOKEN_DIR, "readOnly": True})


def _until_unreachable(what: str) -> Manifest:
    return {
        "key": f"node.kubernetes.io/{what}",
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": UNREACHABLE_SECONDS,
    }
