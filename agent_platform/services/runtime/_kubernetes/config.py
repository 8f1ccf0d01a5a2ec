"""What an operator decides about the cluster."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from agent_platform.services.runtime.errors import Rejected
from agent_platform.services.runtime.port import Isolation, Limits

BY_DIGEST = re.compile(r"[a-z0-9][a-zA-Z0-9._:/-]{0,400}@sha256:[0-9a-f]{64}")
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterConfig:
    """`prefix` begins every namespace and names the installation; `broker_address` is what the broker's host name means in a pod.

    `warm` shapes the pods of the pool: only attempts of the same size are put there. No pool: `pool_namespace` is empty.
    """

    prefix: str = "ap-"
    pool_namespace: str = ""
    platform_namespace: str = "agent-platform"
    broker_url: str
    broker_address: str = ""
    image: str
    isolation: Isolation = "standard"
    claim_port: int = 4200
    keep_seconds: int = 86_400
    most_sandboxes: int = 500
    warm_target: int = 0
    warm: Limits = field(default_factory=lambda: Limits(cpu=1, memory_mb=256, pids=128, disk_mb=256, wall_seconds=3600))

    def __post_init__(self) -> None:
        refuse_tag(self.image)
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}-", self.prefix):
            raise Rejected(
                "AP_KUBERNETES_NAMESPACE_PREFIX must be at most 21 lower-case letters, digits and dashes and end in a dash."
            )
        if self.pool_namespace and not re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", self.pool_namespace):
            raise Rejected(
                "AP_KUBERNETES_POOL_NAMESPACE must be the name of a namespace: lower-case letters, digits and dashes."
            )
        if self.pool_namespace.startswith(self.prefix):
            raise Rejected(
                "AP_KUBERNETES_POOL_NAMESPACE must not begin as the namespaces of workspaces do (AP_KUBERNETES_NAMESPACE_PREFIX)."
            )
        if urlsplit(self.broker_url).scheme not in PORTS or not self.broker_host:
            raise Rejected(
                "AP_BROKER_URL must be the address of the broker in the cluster, such as http://broker.agent-platform:8080."
            )

    @property
    def installation(self) -> str:
        return self.prefix.rstrip("-")

    @property
    def broker_host(self) -> str:
        return urlsplit(self.broker_url).hostname or ""

    @property
    def broker_port(self) -> int:
        url = urlsplit(self.broker_url)
        return url.port or PORTS[url.scheme]


def refuse_tag(image: str) -> None:
    """Raises: Rejected for an image that is not named by its digest: a tag may mean another image tomorrow."""
    if not BY_DIGEST.fullmatch(image):
        raise Rejected("The agent's image must be named by its digest (name@sha256:...), so nothing was started.")
