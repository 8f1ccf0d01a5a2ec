"""What we hand to a cluster, whole: a field that changes must change here too."""

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_platform.services.runtime import ClusterConfig, Rejected
from agent_platform.services.runtime._kubernetes import names, places, pods
from tests.services.runtime.kubernetes.examples import CONFIG, IMAGE, LIMITS, POLICY, RUN, SPEC, TENANT, everything

SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
HANDLE = f"ap-{RUN}-2"
OURS = {"app.kubernetes.io/managed-by": "agent-platform", "ap.installation": "ap"}
LABELS = OURS | {"ap.tenant": TENANT, "ap.run": RUN, "ap.attempt": "2", "ap.handle": HANDLE, "ap.state": "cold"}
NOTES = {"ap.start-seconds": "60", "ap.wall-seconds": "90", "ap.log-bytes": "1000000"}
UID = names.own_uid(HANDLE)
ENTRY = ["/usr/bin/python3", "-I", "-S", "-B", "-X", "utf8", "-m", "agent_platform.sdk.container"]
AMOUNTS = {"cpu": "500m", "memory": "256Mi", "ephemeral-storage": "18Mi"}
CONTAINER = {
    "name": "agent",
    "image": IMAGE,
    "imagePullPolicy": "IfNotPresent",
    "command": ENTRY,
    "args": [
        *("--token-file", "/run/ap-token/token", "--broker", "http://broker.agent-platform:8080"),
        *("--start-seconds", "60", "--wall-seconds", "90", "--log-bytes", "1000000"),
        *("--rlimits", '{"RLIMIT_NPROC":67,"RLIMIT_FSIZE":104857600}'),
    ],
    "workingDir": "/work",
    "env": [
        {"name": "HOME", "value": "/work"},
        {"name": "LANG", "value": "C.UTF-8"},
        {"name": "PATH", "value": "/usr/bin"},
        {"name": "TMPDIR", "value": "/tmp"},
        {"name": "USER", "value": "agent"},
    ],
    "resources": {"requests": AMOUNTS, "limits": AMOUNTS},
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
        {"name": "work", "mountPath": "/tmp", "subPath": ".tmp"},
        {"name": "token", "mountPath": "/run/ap-token", "readOnly": True},
    ],
}
POD = {
    "restartPolicy": "Never",
    "terminationGracePeriodSeconds": 2,
    "serviceAccountName": "agent",
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "hostNetwork": False,
    "hostPID": False,
    "hostIPC": False,
    "shareProcessNamespace": False,
    "dnsPolicy": "None",
    "dnsConfig": {"nameservers": ["127.0.0.1"]},
    "hostAliases": [{"ip": "10.96.0.10", "hostnames": ["broker.agent-platform"]}],
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": UID,
        "runAsGroup": UID,
        "fsGroup": UID,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    "tolerations": [
        {"key": f"node.kubernetes.io/{what}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
        for what in ("not-ready", "unreachable")
    ],
    "containers": [CONTAINER],
    "volumes": [
        {"name": "agent", "emptyDir": {"medium": "Memory", "sizeLimit": "100Mi"}},
        {"name": "work", "emptyDir": {"medium": "Memory", "sizeLimit": "100Mi"}},
        {"name": "token", "secret": {"secretName": HANDLE, "defaultMode": 0o440, "optional": False}},
    ],
}
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


def test_the_namespace_of_a_tenant():
    place = f"ap-{TENANT}"
    labels = OURS | {"ap.tenant": TENANT}

    def metadata(name: str) -> dict:
        return {"name": name, "namespace": place, "labels": labels}

    secure = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    small = {"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "64Mi"}
    none = dict.fromkeys(places.NOTHING_OF, "0")
    amounts = {"requests.cpu": "8000m", "requests.memory": "16384Mi", "limits.cpu": "8000m", "limits.memory": "16384Mi"}
    broker = {"app.kubernetes.io/part-of": "agent-platform", "app.kubernetes.io/component": "broker"}
    platform = {"matchLabels": {"kubernetes.io/metadata.name": "agent-platform"}}
    to = [
        {"namespaceSelector": platform, "podSelector": {"matchLabels": broker}},
        {"ipBlock": {"cidr": "10.96.0.10/32"}},
    ]
    network = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    assert places.tenant_place(CONFIG, POLICY) == [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place, "labels": labels | secure}},
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata("agent"),
            "automountServiceAccountToken": False,
        },
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": metadata("sandboxes"),
            "spec": {"hard": {"pods": "20"} | amounts | none},
        },
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": metadata("sandboxes"),
            "spec": {
                "limits": [
                    {
                        "type": "Container",
                        "max": {"cpu": "8000m", "memory": "16384Mi"},
                        "default": small,
                        "defaultRequest": small,
                    }
                ]
            },
        },
        network | {"metadata": metadata("deny-all"), "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}},
        network
        | {
            "metadata": metadata("broker-only"),
            "spec": {
                "podSelector": {},
                "policyTypes": ["Egress"],
                "egress": [{"to": to, "ports": [{"protocol": "TCP", "port": 8080}]}],
            },
        },
    ]


def test_the_pool_is_open_to_claims_of_the_platform_only():
    made = {(thing["kind"], thing["metadata"]["name"]): thing for thing in places.pool_place(CONFIG)}
    assert ("NetworkPolicy", "deny-all") in made
    assert made["NetworkPolicy", "claims"]["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "agent-platform"}}}],
                "ports": [{"protocol": "TCP", "port": 4200}],
            }
        ],
    }
    assert made["Namespace", "agent-pool"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_isolation_is_a_runtime_class_whichever_asks_for_it():
    assert pods.job(CONFIG, replace(SPEC, isolation="kata"))["spec"]["template"]["spec"]["runtimeClassName"] == "kata"
    everywhere = replace(CONFIG, isolation="gvisor")
    assert pods.job(everywhere, SPEC)["spec"]["template"]["spec"]["runtimeClassName"] == "gvisor"
    assert (
        pods.job(everywhere, replace(SPEC, isolation="kata"))["spec"]["template"]["spec"]["runtimeClassName"] == "kata"
    )


@pytest.mark.parametrize("address", ["", "10.0.0.7"])
def test_a_broker_by_address_needs_no_alias(address):
    config = replace(CONFIG, broker_url="http://10.0.0.7:8080", broker_address=address)
    assert "hostAliases" not in pods.job(config, SPEC)["spec"]["template"]["spec"]


@pytest.mark.sec
@SLOW_MACHINE
@given(
    tenant=st.text(max_size=80),
    run=st.from_regex(r"[a-z0-9][a-z0-9-]{0,47}", fullmatch=True),
    attempt=st.integers(1, 999_999),
    token=st.text(st.characters(codec="utf-8"), min_size=1, max_size=50),
)
def test_whatever_a_tenant_is_called_names_hold_and_security_stays(tenant, run, attempt, token):
    spec = replace(SPEC, tenant_id=tenant, run_id=run, attempt=attempt, token=token)
    job = pods.job(CONFIG, spec)
    for thing in everything(spec=spec, policy=replace(POLICY, tenant_id=tenant)):
        for name in (thing["metadata"]["name"], thing["metadata"].get("namespace", "x")):
            assert len(name) <= 63
            assert names.KEEPABLE.fullmatch(name), name
        for value in (thing["metadata"].get("labels") or {}).values():
            assert len(value) <= 63
            assert names.KEEPABLE.fullmatch(value), value
    expected = json.loads(
        json.dumps(POD)
        .replace(HANDLE, job["metadata"]["name"])
        .replace(str(UID), str(names.own_uid(job["metadata"]["name"])))
    )
    assert job["spec"]["template"]["spec"] == expected


@SLOW_MACHINE
@given(st.lists(st.text(max_size=70), unique=True, min_size=2, max_size=6))
def test_no_two_tenants_share_a_namespace(tenants):
    found = [names.namespace_of(CONFIG, tenant) for tenant in tenants]
    assert len(set(found)) == len(tenants)
    assert CONFIG.pool_namespace not in found


@SLOW_MACHINE
@given(st.lists(st.text("aA-b. /ü", max_size=6), unique=True, min_size=2, max_size=6))
def test_names_that_read_alike_stay_apart(tenants):
    assert len({names.slug(tenant, 40) for tenant in tenants}) == len(tenants)


def test_a_name_that_looks_like_one_of_ours_is_not_taken_for_it():
    made = names.slug("Ä", 40)
    assert names.HASH_MARK in made
    assert names.slug(made, 40) != made


@pytest.mark.sec
@pytest.mark.parametrize(
    "image", ["", "python:3.13", "python@sha256:abc", f"{IMAGE}\n", f"{IMAGE} --privileged", f"-{IMAGE}"]
)
def test_an_image_that_is_not_named_by_its_digest_is_refused(image):
    with pytest.raises(Rejected, match="digest"):
        ClusterConfig(broker_url="http://broker:8080", image=image)


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"prefix": "Ap-"}, "AP_KUBERNETES_NAMESPACE_PREFIX"),
        ({"prefix": "ap"}, "AP_KUBERNETES_NAMESPACE_PREFIX"),
        ({"pool_namespace": "Pool"}, "AP_KUBERNETES_POOL_NAMESPACE"),
        ({"pool_namespace": "ap-pool"}, "must not begin"),
        ({"broker_url": ""}, "AP_BROKER_URL"),
        ({"broker_url": "unix:///run/ap/broker.sock"}, "AP_BROKER_URL"),
    ],
)
def test_settings_that_cannot_work_say_which(members, says):
    with pytest.raises(Rejected, match=says):
        replace(CONFIG, **members)


@pytest.mark.sec
def test_the_token_is_in_the_secret_and_nowhere_else():
    for thing in everything():
        if thing["kind"] != "Secret":
            assert "apr_the_token" not in json.dumps(thing)
    assert "apr_the_token" not in repr(SPEC)


def test_limits_are_requests_and_the_least_ones_are_still_valid():
    least = replace(LIMITS, cpu=0.0001, memory_mb=32, disk_mb=1, wall_seconds=0.1, start_seconds=0.1, log_bytes=1024)
    job = pods.job(CONFIG, replace(SPEC, limits=least))
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"]["limits"] == {"cpu": "1m", "memory": "32Mi", "ephemeral-storage": "17Mi"}
    assert container["resources"]["requests"] == container["resources"]["limits"]
    assert job["spec"]["activeDeadlineSeconds"] == 16
    assert container["args"][4:8] == ["--start-seconds", "0.1", "--wall-seconds", "0.1"]
