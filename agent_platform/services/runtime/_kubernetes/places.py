"""The namespaces of tenants and of the warm pool, with everything that bounds what runs in them. Pure."""

from typing import Any

from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime._kubernetes.pods import SERVICE_ACCOUNT, Manifest
from agent_platform.services.runtime.port import TenantPolicy

POD_SECURITY = "pod-security.kubernetes.io"
PLACE_NAME = "kubernetes.io/metadata.name"
BROKER_LABELS = {"app.kubernetes.io/part-of": "agent-platform", "app.kubernetes.io/component": "broker"}
# Nothing of this kind is ever needed there.
NOTHING_OF = (
    "services",
    "persistentvolumeclaims",
    "replicationcontrollers",
    "count/deployments.apps",
    "count/cronjobs.batch",
)


def tenant_place(config: ClusterConfig, policy: TenantPolicy) -> list[Manifest]:
    """A namespace in which the sandboxes of one tenant together stay within the policy."""
    name = names.namespace_of(config, policy.tenant_id)
    labels = names.ours(config) | {names.TENANT: names.slug(policy.tenant_id, names.LONGEST_NAME)}
    millis = max(1, round(policy.cpu * 1000))
    most = {"cpu": f"{millis}m", "memory": f"{policy.memory_mb}Mi"}
    small = {"cpu": f"{min(100, millis)}m", "memory": f"{min(64, policy.memory_mb)}Mi", "ephemeral-storage": "64Mi"}
    hard = {"pods": str(policy.sandboxes)} | {
        f"{side}.{what}": amount for side in ("requests", "limits") for what, amount in most.items()
    }
    return [
        _namespace(name, labels),
        _service_account(name, labels),
        _object("v1", "ResourceQuota", "sandboxes", name, labels, {"hard": hard | dict.fromkeys(NOTHING_OF, "0")}),
        _object("v1", "LimitRange", "sandboxes", name, labels, {"limits": [_container_range(most, small)]}),
        _nothing_reaches(name, labels),
        _only_the_broker(config, name, labels),
    ]


def pool_place(config: ClusterConfig) -> list[Manifest]:
    """The namespace of pods that wait: the platform may hand each its claim, nobody else reaches them."""
    name, labels = config.pool_namespace, names.ours(config)
    hard = {"pods": str(config.most_sandboxes)} | dict.fromkeys(NOTHING_OF, "0")
    return [
        _namespace(name, labels),
        _service_account(name, labels),
        _object("v1", "ResourceQuota", "sandboxes", name, labels, {"hard": hard}),
        _nothing_reaches(name, labels),
        _only_the_broker(config, name, labels),
        _claims(config, name, labels),
    ]


def _namespace(name: str, labels: dict[str, str]) -> Manifest:
    security = {f"{POD_SECURITY}/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels | security}}


def _service_account(namespace: str, labels: dict[str, str]) -> Manifest:
    metadata = {"name": SERVICE_ACCOUNT, "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata, "automountServiceAccountToken": False}


def _container_range(most: dict[str, str], small: dict[str, str]) -> dict[str, Any]:
    """A pod that names no limits, which is none of ours, gets small ones."""
    return {"type": "Container", "max": most, "default": small, "defaultRequest": dict(small)}


def _nothing_reaches(namespace: str, labels: dict[str, str]) -> Manifest:
    return _policy("deny-all", namespace, labels, {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})


def _only_the_broker(config: ClusterConfig, namespace: str, labels: dict[str, str]) -> Manifest:
    to: list[dict[str, Any]] = [
        {"namespaceSelector": _place(config.platform_namespace), "podSelector": {"matchLabels": BROKER_LABELS}}
    ]
    if config.broker_address:
        # Where the cluster judges an address before it is translated to that of a pod.
        width = 128 if ":" in config.broker_address else 32
        to.append({"ipBlock": {"cidr": f"{config.broker_address}/{width}"}})
    ports = [{"protocol": "TCP", "port": config.broker_port}]
    spec = {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": to, "ports": ports}]}
    return _policy("broker-only", namespace, labels, spec)


def _claims(config: ClusterConfig, namespace: str, labels: dict[str, str]) -> Manifest:
    ports = [{"protocol": "TCP", "port": config.claim_port}]
    ingress = [{"from": [{"namespaceSelector": _place(config.platform_namespace)}], "ports": ports}]
    return _policy("claims", namespace, labels, {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": ingress})


def _place(name: str) -> dict[str, Any]:
    return {"matchLabels": {PLACE_NAME: name}}


def _policy(name: str, namespace: str, labels: dict[str, str], spec: dict[str, Any]) -> Manifest:
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, namespace, labels, spec)


def _object(
    version: str, kind: str, name: str, namespace: str, labels: dict[str, str], spec: dict[str, Any]
) -> Manifest:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": spec,
    }
