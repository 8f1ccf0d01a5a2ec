"""Starts, watches and ends sandboxes; knows no run, no tenant's data and no database."""

from agent_platform.services.runtime._bounds import BOUNDS, wrong_with
from agent_platform.services.runtime._diagnosis import Diagnosis, Seen, diagnose, rests_on_its_word
from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime._on_demand import kubernetes_driver
from agent_platform.services.runtime.docker import DockerDriver
from agent_platform.services.runtime.errors import Rejected, Transient
from agent_platform.services.runtime.port import (
    Capabilities,
    Isolation,
    Limits,
    LogChunk,
    Phase,
    Reason,
    RuntimeDriver,
    SandboxSpec,
    Status,
    TenantPolicy,
    Usage,
    handle_of,
)
from agent_platform.services.runtime.sandbox import SandboxDriver

__all__ = [
    "BOUNDS",
    "Capabilities",
    "ClusterConfig",
    "Diagnosis",
    "DockerDriver",
    "Isolation",
    "Limits",
    "LogChunk",
    "Phase",
    "Reason",
    "Rejected",
    "RuntimeDriver",
    "SandboxDriver",
    "SandboxSpec",
    "Seen",
    "Status",
    "TenantPolicy",
    "Transient",
    "Usage",
    "diagnose",
    "handle_of",
    "kubernetes_driver",
    "rests_on_its_word",
    "wrong_with",
]
