"""The only reader of the environment."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
SYSTEM_NAMES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "HTTPS_PROXY", "NO_PROXY")
LONGEST_RUN_DIR = 60  # leaves 47 bytes for the names of sockets below it
ROLES = ("app", "worker", "platform", "publisher", "broker", "backup")


class Settings(BaseSettings):
    """Every field is one environment variable; names with AP_ are ours, the others are the names people expect."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    env: Literal["local", "production"] = Field("local", alias="AP_ENV")
    port: int = Field(3000, alias="PORT")
    base_url: str = Field("", alias="AP_BASE_URL")
    host: str = Field("127.0.0.1", alias="AP_HOST")
    broker_port: int = Field(0, alias="AP_BROKER_PORT", ge=0, le=65_535)  # 0: on its socket only
    data_dir: Path = Field(Path(".data"), alias="AP_DATA_DIR")
    objects_url: str = Field("", alias="AP_OBJECTS_URL")
    driver: Literal["sandbox", "docker", "kubernetes"] = Field("sandbox", alias="AP_DRIVER")
    isolation: Literal["standard", "gvisor", "kata"] = Field("standard", alias="AP_ISOLATION")
    agent_image: str = Field("", alias="AP_AGENT_IMAGE")
    docker_host: str = Field("", alias="DOCKER_HOST")
    warm_sandboxes: int = Field(4, alias="AP_WARM_SANDBOXES", ge=0, le=500)
    most_sandboxes: int = Field(
        0, alias="AP_MOST_SANDBOXES", ge=0, le=20_000
    )  # 0: as many as this machine's memory holds
    dev_sign_in: bool | None = Field(None, alias="AP_DEV_SIGN_IN")
    trusted_proxy_hops: int = Field(0, alias="TRUSTED_PROXY_HOPS", ge=0, le=10)

    broker_url: str = Field("", alias="AP_BROKER_URL")
    broker_address: str = Field("", alias="AP_BROKER_ADDRESS")
    kubeconfig: str = Field("", alias="KUBECONFIG")
    kubernetes_namespace_prefix: str = Field("ap-", alias="AP_KUBERNETES_NAMESPACE_PREFIX")
    kubernetes_pool_namespace: str = Field("", alias="AP_KUBERNETES_POOL_NAMESPACE")
    kubernetes_platform_namespace: str = Field("agent-platform", alias="AP_KUBERNETES_PLATFORM_NAMESPACE")

    database_url: str = Field("", alias="DATABASE_URL")
    database_url_app: str = Field("", alias="DATABASE_URL_APP")
    database_url_worker: str = Field("", alias="DATABASE_URL_WORKER")
    database_url_platform: str = Field("", alias="DATABASE_URL_PLATFORM")
    database_url_publisher: str = Field("", alias="DATABASE_URL_PUBLISHER")
    database_url_broker: str = Field("", alias="DATABASE_URL_BROKER")
    database_url_backup: str = Field("", alias="DATABASE_URL_BACKUP")
    redis_url: str = Field("", alias="REDIS_URL")

    # what sandboxes may reach: ports of the internet, and in local mode ports of this machine (tests, an API on trial)
    egress_ports: str = Field("80,443", alias="AP_EGRESS_PORTS")
    egress_loopback_ports: str = Field("", alias="AP_EGRESS_LOOPBACK_PORTS")

    # of Google Analytics, for public pages and after consent only; and the folder of the operator's own terms.md, privacy.md, cookies.md
    analytics_id: str = Field("", alias="AP_ANALYTICS_ID", pattern=r"^(G-[A-Z0-9]{4,20})?$")
    legal_dir: Path = Field(Path("legal"), alias="AP_LEGAL_DIR")

    # where the contact form sends what visitors write
    contact_email: str = Field("", alias="AP_CONTACT_EMAIL", pattern=r"^([^@\s<>,;]+@[^@\s<>,;]+)?$", max_length=254)

    github_client_id: str = Field("", alias="GITHUB_CLIENT_ID")
    github_client_secret: str = Field("", alias="GITHUB_CLIENT_SECRET", repr=False)
    github_url: str = Field("https://github.com", alias="GITHUB_URL")
    github_api_url: str = Field("https://api.github.com", alias="GITHUB_API_URL")
    smtp_url: str = Field("", alias="SMTP_URL", repr=False)
    mail_from: str = Field("Agent Platform <no-reply@localhost>", alias="MAIL_FROM")

    @model_validator(mode="after")
    def _derive(self) -> "Settings":
        if not self.base_url:
            self.base_url = f"http://localhost:{self.port}"
        self.base_url = self.base_url.rstrip("/")
        self.data_dir = self.data_dir.absolute()
        self.legal_dir = self.data_dir / self.legal_dir  # an absolute one stays what it is
        return self

    @property
    def scheme(self) -> str:
        return urlsplit(self.base_url).scheme

    @property
    def base_netloc(self) -> str:
        return urlsplit(self.base_url).netloc.lower()

    @property
    def base_host(self) -> str:
        return (urlsplit(self.base_url).hostname or "").lower()

    @property
    def on_loopback(self) -> bool:
        return self.base_host in LOOPBACK and self.host in LOOPBACK

    @property
    def secure_cookies(self) -> bool:
        return self.scheme == "https"

    @property
    def installation(self) -> str:
        """Tells two installations on one machine apart."""
        return hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]

    @property
    def run_dir(self) -> Path:
        return run_dir_of(self.data_dir)

    @property
    def broker_dir(self) -> Path:
        """Mounted read-only into every sandbox; holds the broker's two sockets and nothing else."""
        return self.run_dir / "broker"

    @property
    def objects_dir(self) -> Path:
        return self.data_dir / "objects"

    def tenant_url(self, slug: str) -> str:
        return f"{self.scheme}://{slug}.{self.base_netloc}"

    def role_url(self, role: str) -> str:
        """The login of one database role; empty when this process was not given it."""
        return getattr(self, f"database_url_{role}")


def run_dir_of(data_dir: Path) -> Path:
    """The folder of all sockets: in the data folder, else a short one, because a socket's path has at most 107 bytes."""
    folder = data_dir.absolute() / "run"
    if len(os.fsencode(folder)) <= LONGEST_RUN_DIR:
        return folder
    return Path(tempfile.gettempdir()) / f"ap-{os.getuid()}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]}"


def environment_of(settings: Settings, fields: Iterable[str]) -> dict[str, str]:
    """The environment of a process that may know these fields only, and what every program needs to run."""
    environment = {name: os.environ[name] for name in SYSTEM_NAMES if name in os.environ}
    for field in fields:
        value = getattr(settings, field)
        if value not in {None, ""}:
            environment[str(Settings.model_fields[field].alias)] = str(value)
    return environment


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    return Settings()  # pyright: ignore[reportCallIssue]  # the fields come from the environment


def adopt(environment: Mapping[str, str]) -> None:
    """`get_settings()` now knows these too, where nothing else was given."""
    for name, value in environment.items():
        os.environ.setdefault(name, value)
    get_settings.cache_clear()
