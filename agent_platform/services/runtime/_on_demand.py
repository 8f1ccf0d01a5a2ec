"""Drivers whose clients are large: imported by the process that is set to them and by no other."""

from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime.port import RuntimeDriver


def kubernetes_driver(config: ClusterConfig, kubeconfig: str) -> RuntimeDriver:
    """Raises: Rejected when there is no way to a cluster."""
    from agent_platform.services.runtime.kubernetes import KubernetesDriver

    return KubernetesDriver(config, kubeconfig)
