"""Drivers whose clients are large: imported by the process that is set to them and by no other."""

import socket
from dataclasses import replace

from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime.errors import Transient
from agent_platform.services.runtime.port import RuntimeDriver


def kubernetes_driver(config: ClusterConfig, kubeconfig: str) -> RuntimeDriver:
    """Agents look no name up, so the broker's is looked up here where no address was given.

    Raises: Rejected when there is no way to a cluster, Transient when the broker's name has no address yet.
    """
    from agent_platform.services.runtime.kubernetes import KubernetesDriver

    if not config.broker_address:
        config = replace(config, broker_address=_address_of(config.broker_host))
    return KubernetesDriver(config, kubeconfig)


def _address_of(host: str) -> str:
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        raise Transient(
            f"The broker's name {host} has no address, so no agent could reach it. Set AP_BROKER_ADDRESS, "
            "or AP_BROKER_URL to the name of its Service."
        ) from error
