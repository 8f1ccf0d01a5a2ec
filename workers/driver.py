"""The runtime driver this installation is set to."""

from collections.abc import Callable
from functools import lru_cache

from agent_platform.core.settings import Settings, get_settings
from agent_platform.services import runtime

BASE_IMAGE = "agent-platform-agent"  # as deploy/scripts/agent-image.sh makes it
MOST_CONTAINERS = MOST_PODS = 512


@lru_cache(maxsize=1)
def driver() -> runtime.RuntimeDriver:
    """Raises: Rejected when these settings can never work."""
    settings = get_settings()
    return DRIVERS[settings.driver](settings)


def refuse_unready() -> None:
    """Returns only when agents can be started. Raises: Transient, Rejected."""
    found = driver()
    if isinstance(found, runtime.DockerDriver):
        found.refuse_unready()


def keep_warm() -> None:
    """The warm pool has, or soon has, the size of the settings. The embedded driver's daemon keeps its own."""
    if get_settings().driver != "sandbox":
        driver().prewarm("", get_settings().warm_sandboxes)


def leave_none_waiting() -> None:
    """On a stopped machine nothing of ours waits in an engine that goes on. A cluster's pool outlives its keepers."""
    if get_settings().driver == "docker":
        driver().prewarm("", 0)


def _sandbox(settings: Settings) -> runtime.RuntimeDriver:
    if settings.isolation != "standard":
        raise runtime.Rejected(
            f"AP_ISOLATION={settings.isolation} needs AP_DRIVER=docker or kubernetes: the embedded driver has its own sandbox only."
        )
    return runtime.SandboxDriver(settings.run_dir)


def _docker(settings: Settings) -> runtime.RuntimeDriver:
    return runtime.DockerDriver(
        settings.run_dir / "docker",
        broker_dir=settings.broker_dir,
        installation=settings.installation,
        image=settings.agent_image or BASE_IMAGE,
        url=settings.docker_host,
        isolation=settings.isolation,
        most=settings.most_sandboxes or MOST_CONTAINERS,
    )


def _kubernetes(settings: Settings) -> runtime.RuntimeDriver:
    config = runtime.ClusterConfig(
        prefix=settings.kubernetes_namespace_prefix,
        pool_namespace=settings.kubernetes_pool_namespace,
        platform_namespace=settings.kubernetes_platform_namespace,
        broker_url=settings.broker_url,
        broker_address=settings.broker_address,
        image=settings.agent_image,
        isolation=settings.isolation,
        most_sandboxes=settings.most_sandboxes or MOST_PODS,
        warm_target=settings.warm_sandboxes if settings.kubernetes_pool_namespace else 0,
    )
    return runtime.kubernetes_driver(config, settings.kubeconfig)


DRIVERS: dict[str, Callable[[Settings], runtime.RuntimeDriver]] = {
    "sandbox": _sandbox,
    "docker": _docker,
    "kubernetes": _kubernetes,
}
