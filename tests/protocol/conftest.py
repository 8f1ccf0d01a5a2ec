"""The production server, started as in production, on a database of its own."""

import dataclasses
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest

from agent_platform.core.db.engine import dispose_engines
from agent_platform.core.settings import get_settings
from agent_platform.services import identity
from tests.doubles import people
from tests.protocol.browser import Visitor
from workers import web

ROOT = Path(__file__).parents[2]
SILENT_PATIENCE_SECONDS = 60.0


@dataclasses.dataclass(frozen=True)
class Server:
    port: int
    log: Path


@dataclasses.dataclass(frozen=True)
class World:
    """Two workspaces; in `acme` one person of each rank, in `globex` only its owner."""

    owner: people.Person
    member: people.Person
    viewer: people.Person
    stranger: people.Person
    acme: UUID
    globex: UUID


@pytest.fixture(scope="module")
def server(lend_database, valkey, tmp_path_factory) -> Iterator[Server]:
    port, folder = _free_port(), tmp_path_factory.mktemp("web")
    with lend_database() as urls, pytest.MonkeyPatch.context() as patch:
        for role, url in dataclasses.asdict(urls).items():
            if role not in {"superuser", "owner"}:
                patch.setenv(f"DATABASE_URL_{role.upper()}", url)
        patch.setenv("REDIS_URL", valkey.url)
        patch.setenv("AP_DATA_DIR", str(folder / "data"))
        patch.setenv("PORT", str(port))
        patch.setenv("REFLEX_WEB_WORKDIR", str(folder / "web"))  # nothing of a build that lies about is used
        _forget()
        log = folder / "server.log"
        process = start_server(port, log)
        try:
            _await_health(process, port, log)
            yield Server(port, log)
        finally:
            _end(process)
            dispose_engines()
            _forget()
    _forget()


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    owner, member, viewer = (people.arrive(name, number) for number, name in enumerate(("Olga", "Mia", "Vito"), 1))
    stranger = people.arrive("Sam", 4)
    acme, globex = people.found(owner, "acme"), people.found(stranger, "globex")
    for person, role in ((member, "member"), (viewer, "viewer")):
        people.inside(acme, people.enrol, person=person, role=role)
    return World(owner, member, viewer, stranger, acme, globex)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


@pytest.fixture
async def visit(server: Server, http: aiohttp.ClientSession):
    """`visit("acme.localhost", person)`: a browser there, signed in as the person."""
    visitors: list[Visitor] = []

    def visit(host: str = "localhost", person: people.Person | None = None) -> Visitor:
        visitors.append(Visitor(http, server.port, host, f"ap_sid={signed_in(person, host)}" if person else ""))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        await visitor.leave()


def signed_in(person: people.Person, host: str) -> str:
    browser = identity.Browser(host=host, user_agent="test", address="127.0.0.1")
    return identity.in_platform(identity.open_session, user_id=person.id, browser=browser)


def start_server(port: int, log: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--workers", "1", "tests.protocol.probe_app:app"]
    command += ["--workers-kill-timeout", str(web.KILL_SECONDS)]  # as in production
    environment = os.environ | {"REFLEX_ENV_MODE": "prod", "__REFLEX_SKIP_COMPILE": "true", "PYTHONPATH": str(ROOT)}
    environment["TRUSTED_PROXY_HOPS"] = "1"
    with log.open("wb") as output:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await_health(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    give_up_at = time.monotonic() + SILENT_PATIENCE_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    process.kill()
    pytest.fail(f"The server did not start:\n{log.read_text()[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _forget() -> None:
    get_settings.cache_clear()
