"""The runtime driver this installation is set to."""

from functools import lru_cache

from agent_platform.core.settings import Settings, get_settings
from agent_platform.services import runtime


@lru_cache(maxsize=1)
def driver() -> runtime.RuntimeDriver:
    settings = get_settings()
    return DRIVERS[settings.driver](settings)


def _sandbox(settings: Settings) -> runtime.RuntimeDriver:
    return runtime.SandboxDriver(settings.run_dir)


def _kubernetes(settings: Settings) -> runtime.RuntimeDriver:
    config = runtime.ClusterConfig(
        prefix=settings.kubernetes_namespace_prefix,
        pool_namespace=settings.kubernetes_pool_namespace,
        platform_namespace=settings.kubernetes_platform_namespace,
        broker_url=settings.broker_url,
        broker_address=settings.broker_address,
        image=settings.agent_image,
        isolation=settings.isolation,
        warm_target=settings.warm_sandboxes if settings.kubernetes_pool_namespace else 0,
    )
    return runtime.kubernetes_driver(config, settings.kubeconfig)


DRIVERS = {"sandbox": _sandbox, "kubernetes": _kubernetes}
