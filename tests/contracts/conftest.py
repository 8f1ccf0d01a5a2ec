"""Every runtime driver with a broker for its sandboxes: a test that asks for `bench` runs once on each."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_platform.services.runtime import Limits, SandboxDriver, SandboxSpec, Status
from tests.doubles.agent_broker import AgentBroker, Work, zipped

PATIENCE_SECONDS = 30
ROOT = Path(__file__).parents[2]
NOTHING = Limits(cpu=1, memory_mb=256, pids=64, disk_mb=64, wall_seconds=60)


class Bench:
    """A driver, the broker of its sandboxes, and the daemon behind it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        (folder / "broker").mkdir(mode=0o755)
        self.broker = AgentBroker(folder / "broker")
        self.options = options
        self.driver = SandboxDriver(folder / "run")
        self.daemon: subprocess.Popen[str] | None = None
        self.numbers = iter(range(1, 1_000_000))

    def boot(self) -> None:
        """The daemon answers."""
        command = [sys.executable, "-m", "workers.sandbox_host", "--run-dir", str(self.folder / "run")]
        command += ["--broker-dir", str(self.broker.folder), "--installation", f"test-{os.getpid()}", *self.options]
        # A canary: nothing of the daemon's environment may be found inside a sandbox.
        environment = {"AP_CANARY": "canary-of-the-worker", "PATH": os.environ["PATH"]}
        self.daemon = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        line = self.daemon.stdout.readline()
        assert "ready" in line, line

    def kill_daemon(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.daemon.send_signal(number)
        self.daemon.wait(PATIENCE_SECONDS)
        self.daemon.stdout.close()

    def spec(self, work: Work, limits: Limits = NOTHING) -> SandboxSpec:
        number = next(self.numbers)
        token = f"apr_{number:030d}"
        self.broker.works[token] = work
        return SandboxSpec(
            run_id=f"run-{number}", attempt=1, tenant_id="t", bundle_digest="", limits=limits, token=token
        )

    def start(self, source: str, limits: Limits = NOTHING, **members: Any) -> tuple[str, Work]:
        """An agent whose main.py is `source` has been started; returns its handle and what it will have said."""
        work = Work(zipped({"main.py": source}), **members)
        return self.driver.start(self.spec(work, limits)), work

    def run(self, source: str, limits: Limits = NOTHING, **members: Any) -> tuple[Status, Work]:
        handle, work = self.start(source, limits, **members)
        return self.end_of(handle), work

    def end_of(self, handle: str) -> Status:
        return self.until(handle, lambda status: status.phase.is_terminal)

    def until(self, handle: str, reached: Callable[[Status], bool]) -> Status:
        return eventually(lambda: (status := self.driver.status(handle)) and reached(status) and status)

    def members(self) -> list[int]:
        """Processes below the daemon that belong to claimed or warm sandboxes."""
        return descendants(self.daemon.pid)

    def warm(self) -> int:
        return (
            eventually(lambda: (found := self.driver.capabilities()).warm >= found.warm_target and found.warm + 1) - 1
        )


def eventually(ask: Callable[[], Any]) -> Any:
    """The first truthy answer. Fails when none comes in half a minute."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not (answer := ask()):
        assert time.monotonic() < give_up_at, "it never came true"
        time.sleep(0.02)
    return answer


def descendants(pid: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in listing.splitlines())}
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found[1:]


def _made(folder: Path, *options: str) -> Iterator[Bench]:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    bench = Bench(folder, *options)
    bench.broker.start()
    bench.boot()
    yield bench
    if bench.daemon.poll() is None:
        bench.kill_daemon(signal.SIGTERM)
    bench.broker.stop()


@pytest.fixture(scope="session", params=["sandbox", "sandbox without cgroups"])
def shared_bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    options = ["--warm", "2"] + (["--limits", "rlimit"] if "without" in request.param else [])
    yield from _made(tmp_path_factory.mktemp("bench"), *options)


@pytest.fixture
def bench(shared_bench: Bench) -> Iterator[Bench]:
    """A running driver; everything a test leaves is destroyed."""
    yield shared_bench
    for status in shared_bench.driver.list():
        shared_bench.driver.destroy(status.handle)


@pytest.fixture
def own_bench(tmp_path: Path) -> Iterator[Bench]:
    """A daemon that the test may kill."""
    yield from _made(tmp_path, "--warm", "1")


@pytest.fixture
def unreachable(tmp_path: Path) -> SandboxDriver:
    return SandboxDriver(tmp_path)
