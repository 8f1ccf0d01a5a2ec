"""What we hand to a cluster, whole: a field that changes must change here too."""

import base64
import json

from agent_platform.services.runtime._kubernetes import names, pods
from tests.services.runtime.kubernetes.examples import CONFIG, RUN, SPEC, TENANT
from tests.services.runtime.kubernetes.whole import CONTAINER, HANDLE, OURS, POD

LABELS = OURS | {"ap.tenant": TENANT, "ap.run": RUN, "ap.attempt": "2", "ap.handle": HANDLE, "ap.state": "cold"}
NOTES = {"ap.start-seconds": "60", "ap.wall-seconds": "90", "ap.log-bytes": "1000000"}


JOB = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {
        "name": HANDLE,
        "namespace": f"ap-{TENANT}",
        "labels": LABELS,
        "annotations": NOTES | {"ap.pod": "own"},
    },
    "spec": {
        "suspend": False,
        "backoffLimit": 0,
        "completions": 1,
        "parallelism": 1,
        "activeDeadlineSeconds": 165,
        "ttlSecondsAfterFinished": 86400,
        "podReplacementPolicy": "Failed",
        "podFailurePolicy": {
            "rules": [{"action": "FailJob", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]
        },
        "template": {
            "metadata": {"labels": LABELS, "annotations": NOTES, "finalizers": ["agent-platform/keep-until-read"]},
            "spec": POD,
        },
    },
}


def test_the_job_of_an_attempt():
    assert pods.job(CONFIG, SPEC) == JOB


def test_an_undecided_job_makes_no_pod():
    undecided = pods.job(CONFIG, SPEC, decided=False)
    assert undecided["metadata"]["annotations"]["ap.pod"] == ""
    assert undecided["spec"] == JOB["spec"] | {"suspend": True}


def test_a_decision_fails_when_another_was_made():
    path = "/metadata/annotations/ap.pod"
    assert pods.decision_patch("", "ap-warm-1") == [
        {"op": "test", "path": path, "value": ""},
        {"op": "replace", "path": path, "value": "ap-warm-1"},
    ]
    assert pods.decision_patch("ap-warm-1", "own")[1:] == [
        {"op": "replace", "path": path, "value": "own"},
        {"op": "replace", "path": "/spec/suspend", "value": False},
    ]
    assert pods.decision_patch("", "none", **{"ap.cancelled-at": "now"})[2:] == [
        {"op": "add", "path": "/metadata/annotations/ap.cancelled-at", "value": "now"}
    ]


def test_the_secret_of_its_token_goes_with_the_job():
    assert pods.token_secret(CONFIG, SPEC, job_uid="the-uid") == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": HANDLE,
            "namespace": f"ap-{TENANT}",
            "labels": LABELS,
            "ownerReferences": [
                {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "name": HANDLE,
                    "uid": "the-uid",
                    "controller": True,
                    "blockOwnerDeletion": False,
                }
            ],
        },
        "type": "Opaque",
        "immutable": True,
        "data": {"token": base64.b64encode(b"apr_the_token").decode()},
    }


def test_a_warm_pod_is_a_job_s_pod_without_a_tenant_and_a_token():
    name = "ap-warm-0123456789abcdef"
    pod, uid = pods.warm_pod(CONFIG, name), names.own_uid(name)
    assert pod["metadata"] == {"name": name, "namespace": "agent-pool", "labels": OURS | {"ap.state": "warm"}}
    container = CONTAINER | {
        "args": ["--port", "4200"],
        "resources": {
            side: {"cpu": "1000m", "memory": "256Mi", "ephemeral-storage": "36Mi"} for side in ("requests", "limits")
        },
        "volumeMounts": CONTAINER["volumeMounts"][:3],
        "ports": [{"name": "claim", "containerPort": 4200, "protocol": "TCP"}],
        "startupProbe": {"tcpSocket": {"port": 4200}, "periodSeconds": 1, "failureThreshold": 60},
    }
    folders = [{"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}} for name in ("agent", "work")]
    security = POD["securityContext"] | {"runAsUser": uid, "runAsGroup": uid, "fsGroup": uid}
    assert pod["spec"] == POD | {"containers": [container], "volumes": folders, "securityContext": security}


def test_a_claim_changes_the_label_of_a_pod_that_is_still_warm():
    claim = pods.claim_patch(CONFIG, SPEC, at="2026-01-01T00:00:00+00:00", age_seconds=7.2)
    assert claim == [
        {"op": "test", "path": "/metadata/labels/ap.state", "value": "warm"},
        {"op": "add", "path": "/metadata/labels", "value": LABELS | {"ap.state": "claimed"}},
        {"op": "add", "path": "/metadata/annotations", "value": NOTES | {"ap.claimed-at": "2026-01-01T00:00:00+00:00"}},
        {"op": "add", "path": "/metadata/finalizers", "value": ["agent-platform/keep-until-read"]},
        {"op": "add", "path": "/spec/activeDeadlineSeconds", "value": 8 + 165},
    ]
    assert json.loads(pods.claim_line(CONFIG, SPEC)) == {
        "token": "apr_the_token",
        "broker": "http://broker.agent-platform:8080",
        "name": HANDLE,
        "rlimits": {"RLIMIT_NPROC": 67, "RLIMIT_FSIZE": 104857600},
        "start_seconds": 60,
        "wall_seconds": 90,
        "log_bytes": 1_000_000,
    }
