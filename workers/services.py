"""Which processes make up one installation, in the order they start, and what each of them may know."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent_platform.core.settings import Settings, environment_of

PLACE = ("env", "port", "base_url", "host", "data_dir", "objects_url", "driver", "dev_sign_in", "trusted_proxy_hops")
SHARED = (*PLACE, "redis_url")
GITHUB = ("github_client_id", "github_client_secret", "github_url", "github_api_url")
MAIL = ("smtp_url", "mail_from")
PUBLIC = ("analytics_id", "legal_dir", "contact_email")
WEB = (*SHARED, "database_url_app", "database_url_platform", *GITHUB, *MAIL, *PUBLIC)
RUNTIME = (
    *(
        "isolation",
        "agent_image",
        "warm_sandboxes",
        "most_sandboxes",
        "docker_host",
        "broker_url",
        "broker_address",
        "kubeconfig",
    ),
    *("kubernetes_namespace_prefix", "kubernetes_pool_namespace", "kubernetes_platform_namespace"),
)
WORKER = (*SHARED, *RUNTIME, "database_url_worker")
EGRESS = ("egress_ports", "egress_loopback_ports")
SERVING = ("app", "worker", "platform", "publisher", "broker")


@dataclass(frozen=True)
class Service:
    """`fields`: the settings it is given, nothing else. `sockets`: names in the run folder that answer once it is ready."""

    name: str
    argv: tuple[str, ...]
    fields: tuple[str, ...]
    sockets: tuple[str, ...] = ()
    database: bool = True
    http: bool = False
    last: bool = False  # stopped after the others, which still use it
    driver: str = ""  # started with this runtime driver only

    @property
    def application_name(self) -> str:
        """What Postgres shows in `pg_stat_activity`: a service that is there has its connection."""
        return f"ap {self.name}"


SERVICES = (
    Service(
        "sandbox-host",
        ("sandbox-host",),
        ("env", "data_dir", "warm_sandboxes", "most_sandboxes"),
        sockets=("sandbox-host.sock",),
        database=False,
        last=True,
        driver="sandbox",
    ),
    Service(
        "broker",
        ("broker",),
        (*SHARED, *EGRESS, "database_url_broker", "broker_port"),
        sockets=("broker/broker.sock",),
        last=True,
    ),
    Service("runs", ("worker", "runs"), WORKER),
    Service("builds", ("worker", "builds"), WORKER),
    Service("maintenance", ("worker", "maintenance"), (*WORKER, "database_url_publisher", *MAIL)),
    Service("watch", ("watch",), WORKER),
    Service("beat", ("beat",), WORKER),
    Service("web", ("web",), WEB, http=True),
)

ALL_ROLES = tuple(f"database_url_{role}" for role in SERVING)
MIGRATE = Service("migrate", ("migrate",), (*PLACE, "database_url", *ALL_ROLES, "database_url_backup"))
RUNTIME_CHECK = Service("check-runtime", ("check-runtime",), (*PLACE, *RUNTIME))
MAINTAIN = Service("maintain", ("maintain",), (*PLACE, "database_url"))
SEED = Service("seed", ("seed",), (*SHARED, *ALL_ROLES))
SIGN_IN_LINK = Service("sign-in-link", ("sign-in-link",), (*SHARED, "database_url_app", "database_url_platform"))


def services_of(settings: Settings) -> tuple[Service, ...]:
    """Those that make up this installation."""
    return tuple(service for service in SERVICES if service.driver in {"", settings.driver})


def outside_of(settings: Settings) -> list[tuple[str, str]]:
    """What is not started by us and must be there: name and address."""
    if settings.driver == "docker":
        return [("docker", f"{settings.docker_host or 'its usual socket'}; no sandbox-host is needed")]
    return []


def environment(service: Service, settings: Settings) -> dict[str, str]:
    """Everything this service is told: its own logins and keys, and no other's."""
    return environment_of(settings, service.fields) | {"PGAPPNAME": service.application_name}


def with_addresses(settings: Settings, database: Mapping[str, str], redis_url: str) -> Settings:
    """The settings with the login of every role, as `ensure_roles` returned them."""
    logins = {f"database_url_{role}": url for role, url in database.items() if role != "owner"}
    return settings.model_copy(update=logins | {"database_url": database["owner"], "redis_url": redis_url})


def socket_paths(service: Service, settings: Settings) -> list[Path]:
    return [settings.run_dir / name for name in service.sockets]
