"""The whole installation under real kills. Needs a built front end (`make front`)."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
import redis

from agent_platform.core.embedded.addresses import known_addresses
from agent_platform.core.embedded.folders import is_free
from agent_platform.core.settings import SYSTEM_NAMES

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".web" / "build" / "client" / "index.html"
PATIENCE_SECONDS = 120
pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.sandbox]


class Installation:
    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.log = folder.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Installation":
        self.folder.mkdir(mode=0o700, exist_ok=True)
        (self.folder / "seeded").touch()
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command(), cwd=ROOT, env=self.environment(), stdout=output, stderr=output, start_new_session=True
            )
        self.wait_for_line("Ctrl-C stops it")
        return self

    def command(self) -> list[str]:
        return [sys.executable, "-m", "agent_platform.cli", "run"]

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in SYSTEM_NAMES if name in os.environ}
        return kept | {"AP_DATA_DIR": str(self.folder), "PORT": str(self.port), "AP_WARM_SANDBOXES": "1"}

    def pids(self) -> dict[str, int]:
        return json.loads((self.folder / "processes.json").read_text(encoding="ascii"))

    def kill(self, name: str) -> int:
        pid = self.pids()[name]
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_line(self, text: str, times: int = 1) -> None:
        wait_until(lambda: self.output().count(text) >= times or self.process.poll() is not None)
        assert self.output().count(text) >= times, self.output()[-3000:]

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=10) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_SECONDS)


def wait_until(holds) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.1)


def alive(pids) -> list[str]:
    return [name for name, pid in pids.items() if Path(f"/proc/{pid}/exe").exists()]


def free_port() -> int:
    return next(port for port in range(18_100, 19_000) if is_free(port))


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    if not BUILT.exists():
        pytest.skip("the front end is not built; type: make front")
    running = Installation(tmp_path_factory.mktemp("run") / "d", free_port()).start()
    yield running
    if running.process.poll() is None:
        running.stop()


def test_the_line_that_tells_how_to_sign_in_again_works_as_it_is_printed(installation):
    said = "A new sign-in link for the administrator: "
    installation.wait_for_line(said)
    line = next(one for one in installation.output().splitlines() if said in one).partition(said)[2]
    plain = {name: os.environ[name] for name in SYSTEM_NAMES if name in os.environ}
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=ROOT,
        env=plain,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert f"http://localhost:{installation.port}/auth/admin?code=" in done.stdout, (line, done.stdout, done.stderr)


def test_everything_is_ready_and_answers(installation):
    output = installation.output()
    for name in (
        "postgres",
        "valkey",
        "sandbox-host",
        "broker",
        "runs",
        "builds",
        "maintenance",
        "watch",
        "beat",
        "web",
    ):
        assert f"platform    | {name} " in output
    assert installation.answers()


def test_a_second_start_names_the_first(installation):
    second = subprocess.run(
        installation.command(), cwd=ROOT, env=installation.environment(), capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert f"in use by process {installation.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_taken_port_is_answered_with_the_way_out(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        start = Installation(tmp_path / "d", port)
        ended = subprocess.run(
            start.command(), cwd=ROOT, env=start.environment(), capture_output=True, text=True, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.strip().endswith(f"PORT={port + 1} make run")
    assert not (tmp_path / "d" / "postgres").exists()


@pytest.mark.parametrize("name", ["runs", "broker", "sandbox-host", "web"])
def test_a_killed_service_is_started_again_and_the_others_stay(installation, name):
    before = installation.pids()
    installation.kill(name)
    wait_until(lambda: installation.pids().get(name, before[name]) != before[name])
    wait_until(installation.answers)
    after = installation.pids()
    assert {other for other in before if before[other] != after.get(other)} == {name}


def test_killed_valkey_is_back_at_the_same_address_with_its_jobs(installation):
    url = known_addresses(installation.folder)["REDIS_URL"]
    with redis.Redis.from_url(url) as client:
        client.set("kept", "yes")
        client.waitaof(1, 0, 5000)
    killed = installation.kill("valkey")
    wait_until(lambda: installation.pids()["valkey"] != killed)
    assert known_addresses(installation.folder)["REDIS_URL"] == url
    with redis.Redis.from_url(url) as client:
        assert client.get("kept") == b"yes"


def test_killed_postgres_is_back_and_served_from(installation):
    killed = installation.kill("postgres")
    wait_until(lambda: installation.pids()["postgres"] != killed)
    wait_until(installation.answers)


def test_a_killed_nursery_starts_everything_again(installation):
    before = installation.pids()
    installation.kill("nursery")
    installation.wait_for_line("Ctrl-C stops it", times=2)
    after = installation.pids()
    assert after["supervisor"] == before["supervisor"]
    assert [name for name in before if name != "supervisor" and before[name] == after[name]] == []
    assert installation.answers()


def test_a_killed_supervisor_leaves_nothing_behind_and_can_start_again(installation):
    before = installation.pids()
    installation.kill("supervisor")
    installation.process.wait()
    wait_until(lambda: alive(before) == [])
    installation.start()
    assert installation.answers()


def test_ctrl_c_stops_everything_cleanly(installation):
    before = installation.pids()
    assert installation.stop() == 0
    assert alive(before) == []
    assert "killed" not in installation.output()
    assert "Traceback" not in installation.output()
    log = (installation.folder / "log" / "postgres.log").read_text(encoding="utf-8")
    assert "database system is shut down" in log.splitlines()[-1]
