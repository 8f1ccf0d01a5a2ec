"""The whole product, and what may befall it: processes ended or frozen by their recorded pid, Valkey emptied."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg
import redis

from agent_platform.core.embedded.addresses import known_addresses
from agent_platform.services import runtime
from tests.e2e.product import Product, until
from tests.e2e.records import Records

PORTS = range(4_600, 4_700)
SERVICES = ("runs", "maintenance", "watch", "beat", "broker", "sandbox-host", "web")
SERVERS = {"postgres": "postgres", "valkey": "valkey-server"}
BACK_SECONDS = 60
OTHER_NAMES = {"sandbox-host": ("python", "python3", "ap-sandbox-host")}  # this one becomes a program of its own


class Installation(Product):
    """Without sample agents: tests publish what they run."""

    def __init__(self, *, warm: int = 4) -> None:
        super().__init__(PORTS)
        self.warm = warm
        self.records = Records(self)

    def start(self) -> None:
        self.data.mkdir(mode=0o700, exist_ok=True)
        (self.data / "seeded").touch()
        super().start()

    def connect(self) -> "psycopg.Connection[Any]":
        """As superuser, across all workspaces."""
        secret = (self.data / "secrets" / "postgres").read_text(encoding="ascii").strip()
        port = (self.data / "postgres.port").read_text(encoding="ascii").strip()
        return psycopg.connect(
            host="127.0.0.1", port=port, user="postgres", password=secret, dbname="agent_platform", connect_timeout=5
        )

    def driver(self) -> runtime.SandboxDriver:
        from agent_platform.core.settings import run_dir_of

        return runtime.SandboxDriver(run_dir_of(self.data))

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """The recorded process got the signal. Returns its pid, 0 when it was not there."""
        pid = self.pid_of(name)
        if pid:
            os.kill(pid, number)
        return pid

    def pid_of(self, name: str) -> int:
        """0 unless the recorded process still is what it was recorded as."""
        pid = self.pids().get(name, 0)
        called = _name_of(pid)
        expected = (SERVERS.get(name, f"ap-{name}"[:15]), *OTHER_NAMES.get(name, ()))
        return pid if called.startswith(expected) else 0

    def wait_until_back(self, name: str, old_pid: int) -> None:
        until(lambda: self.pid_of(name) not in {0, old_pid}, f"{name} to be back", seconds=BACK_SECONDS)

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """Within the block the process does nothing, and nobody can tell it from a slow one."""
        pid = self.kill(name, signal.SIGSTOP)
        try:
            yield
        finally:
            if pid and self.pid_of(name) == pid:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def standbys(self, names: tuple[str, ...]) -> Iterator[None]:
        """Within the block a second process of each stands beside the first."""
        beside = [self._standby(name) for name in names]
        try:
            yield
            assert [one.poll() for one in beside] == [None] * len(names)
        finally:
            for one in beside:
                one.terminate()
            for one in beside:
                one.wait(30)

    def _standby(self, name: str) -> "subprocess.Popen[bytes]":
        known = {**self._environment(), **known_addresses(self.data)}
        owners = {"DATABASE_URL", "DATABASE_URL_BACKUP"}
        environment = {variable: value for variable, value in known.items() if variable not in owners}
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "agent_platform.cli", name]
            return subprocess.Popen(command, cwd=self.folder / "stage", env=environment, stdout=output, stderr=output)

    def page_status(self, path: str) -> int:
        """What a guest's browser is answered; 0 when nobody answers."""
        try:
            with urlopen(self.base + path, timeout=20) as answer:
                return answer.status
        except HTTPError as error:
            return error.code
        except OSError:
            return 0

    def empty_valkey(self) -> None:
        with redis.Redis.from_url(known_addresses(self.data)["REDIS_URL"], socket_timeout=5) as client:
            client.flushall()

    def complaints(self, words: str) -> int:
        """How often Postgres logged these words."""
        log = (self.data / "log" / "postgres.log").read_text(encoding="utf-8", errors="replace")
        return log.count(words)

    def leftovers(self) -> list[str]:
        """What sandboxes left on this machine beyond those that wait warm: attempts, cgroups, files."""
        driver = self.driver()
        found = [f"attempt {status.handle} is {status.phase}" for status in driver.list()]
        capabilities = driver.capabilities()
        driver.close()
        from agent_platform.core.settings import run_dir_of

        state = run_dir_of(self.data) / "sandbox-host"
        found += [f"file {path.name}" for path in (state / "runs").iterdir()]
        boxes = len(list((state / "boxes").glob("*.json")))
        if boxes > max(capabilities.warm_target, capabilities.warm) + 1:
            found.append(f"{boxes} recorded sandboxes, {capabilities.warm_target} wait warm")
        return found


def settled_down(installation: Installation, *, seconds: float = 30) -> list[str]:
    """What is still left after a while; the host tidies up in its own time."""
    give_up_at = time.monotonic() + seconds
    while (found := installation.leftovers()) and time.monotonic() < give_up_at:
        time.sleep(0.5)
    return found


def _name_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() if pid else ""
    except OSError:
        return ""
