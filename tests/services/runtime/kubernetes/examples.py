"""One specification, one configuration, and everything that is built of them."""

from agent_platform.services.runtime import ClusterConfig, Limits, SandboxSpec, TenantPolicy
from agent_platform.services.runtime._kubernetes import places, pods

DIGEST = "sha256:" + "a" * 64
IMAGE = f"registry.example/agent-base@{DIGEST}"
RUN = "0192f0c1-7c3e-7d0a-b1a2-33f4c5d6e7f8"
TENANT = "5f0c9e0e-2d6a-4a53-9d4e-8d6f2f8f7a10"
CONFIG = ClusterConfig(
    prefix="ap-",
    pool_namespace="agent-pool",
    broker_url="http://broker.agent-platform:8080",
    broker_address="10.96.0.10",
    image=IMAGE,
)
LIMITS = Limits(cpu=0.5, memory_mb=256, pids=64, disk_mb=100, wall_seconds=90, start_seconds=60, log_bytes=1_000_000)
SPEC = SandboxSpec(run_id=RUN, attempt=2, tenant_id=TENANT, bundle_digest="", limits=LIMITS, token="apr_the_token")
POLICY = TenantPolicy(tenant_id=TENANT, sandboxes=20, cpu=8, memory_mb=16384)


def everything(
    config: ClusterConfig = CONFIG, spec: SandboxSpec = SPEC, policy: TenantPolicy = POLICY
) -> list[pods.Manifest]:
    tenant, pool = places.tenant_place(config, policy), places.pool_place(config)
    return [
        *tenant,
        *pool,
        pods.job(config, spec),
        pods.job(config, spec, decided=False),
        pods.token_secret(config, spec, job_uid="11111111-2222-3333-4444-555555555555"),
        pods.warm_pod(config, "ap-warm-0123456789abcdef"),
    ]
