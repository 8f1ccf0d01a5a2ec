"""What keeps tenants of a cluster apart: namespaces, names and limits."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_platform.services.runtime import ClusterConfig, Rejected
from agent_platform.services.runtime._kubernetes import names, places, pods
from tests.services.runtime.kubernetes.examples import CONFIG, IMAGE, LIMITS, POLICY, SPEC, TENANT, everything
from tests.services.runtime.kubernetes.whole import HANDLE, OURS, POD, UID

SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


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
