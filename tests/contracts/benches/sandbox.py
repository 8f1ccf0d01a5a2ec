"""The embedded driver with a daemon of its own."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agent_platform.services.runtime import SandboxDriver
from tests.contracts.benches.base import PATIENCE_SECONDS, Bench

ROOT = Path(__file__).parents[3]


class SandboxBench(Bench):
    """`options` are the daemon's."""

    inside_ids = range(1000, 1001)
    search_path = "/usr/bin"

    def __init__(self, folder: Path, *options: str) -> None:
        if shutil.which("bwrap") is None:
            pytest.skip("bubblewrap is not installed")
        super().__init__(folder)
        self.options = options
        self.driver = self.new_client()
        self.daemon: subprocess.Popen[str] | None = None

    def boot(self) -> None:
        command = [sys.executable, "-m", "workers.sandbox_host", "--run-dir", str(self.folder / "run")]
        command += ["--broker-dir", str(self.broker.folder), "--installation", f"test-{os.getpid()}", *self.options]
        # A canary: nothing of the daemon's environment may be found inside a sandbox.
        environment = {"AP_CANARY": "canary-of-the-worker", "PATH": os.environ["PATH"]}
        self.daemon = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        line = self.daemon.stdout.readline()
        assert "ready" in line, line

    def shut(self) -> None:
        if self.daemon is not None and self.daemon.poll() is None:
            self.kill_daemon(signal.SIGTERM)

    def kill_daemon(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.daemon.send_signal(number)
        self.daemon.wait(PATIENCE_SECONDS)
        self.daemon.stdout.close()

    def new_client(self) -> SandboxDriver:
        return SandboxDriver(self.folder / "run")

    def client_code(self) -> str:
        return (
            "from pathlib import Path\nfrom agent_platform.services.runtime import SandboxDriver\n"
            f"driver = SandboxDriver(Path({str(self.folder / 'run')!r}))\n"
        )

    def leftovers(self) -> list[str]:
        """A warm sandbox has three processes: bwrap, its child that is pid 1 inside, and the interpreter."""
        spare = len(self.members()) - 3 * self.warm()
        kept = [path.name for path in (self.folder / "run" / "sandbox-host" / "runs").iterdir()]
        return [f"{spare} processes"] * bool(spare) + kept

    def traces(self, handle: str) -> str:
        found = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
        for pid in [self.daemon.pid, *self.members()]:
            for name in ("cmdline", "environ"):
                if os.access(f"/proc/{pid}/{name}", os.R_OK):
                    found += Path(f"/proc/{pid}/{name}").read_bytes().decode("latin1")
        for path in (self.folder / "run").rglob("*"):
            if path.is_file():
                found += path.read_bytes().decode("latin1")
        return found + str(self.driver.status(handle))

    def members(self) -> list[int]:
        """Processes below the daemon that belong to claimed or warm sandboxes."""
        return descendants(self.daemon.pid)


def descendants(pid: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in listing.splitlines())}
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found[1:]
