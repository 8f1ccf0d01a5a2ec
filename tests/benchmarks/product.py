"""A running installation of its own: started by its own command, measured from outside, stopped at the end."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 180
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Product:
    """`more` is added to the environment of the command."""

    def __init__(self, port: int, warm: int, **more: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ap-bench-"))
        self.port = port
        self.environment = {
            **os.environ,
            "PORT": str(port),
            "AP_DATA_DIR": str(self.folder / "d"),
            "AP_WARM_SANDBOXES": str(warm),
            **more,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Seconds from the command to the first 200."""
        started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agent_platform.cli", "run"],
            cwd=ROOT,
            env=self.environment,
            stdout=(self.folder / "log").open("ab"),
            stderr=subprocess.STDOUT,
        )
        while time.perf_counter() - started < READY_SECONDS:
            try:
                if urllib.request.urlopen(f"http://localhost:{self.port}/", timeout=2).status == 200:
                    return time.perf_counter() - started
            except OSError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def wait_until_seeded(self) -> None:
        deadline = time.monotonic() + 300
        while not (self.folder / "d" / "seeded").exists():
            if time.monotonic() > deadline:
                raise RuntimeError("the sample agents were not seeded")
            time.sleep(0.5)

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def memory_mib(self) -> dict[str, float]:
        """Proportional set size of every process, by name; children count with their parent."""
        known = json.loads((self.folder / "d" / "processes.json").read_text())
        names = {pid: name for name, pid in known.items()}
        sums: dict[str, float] = dict.fromkeys(known, 0.0)
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and (name := _owner(int(folder.name), names)):
                sums[name] += _pss_mib(folder)
        return sums

    def cpu_ms(self) -> dict[str, float]:
        """Processor time that every process has used so far, with its children, by name."""
        known = json.loads((self.folder / "d" / "processes.json").read_text())
        names = {pid: name for name, pid in known.items()}
        sums: dict[str, float] = dict.fromkeys(known, 0.0)
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and (name := _owner(int(folder.name), names)):
                sums[name] += _cpu_ms(folder)
        return sums

    def use_here(self) -> None:
        """`get_settings()` of this process names the installation."""
        data = self.folder / "d"
        port = (data / "postgres.port").read_text().strip()
        for role in ("app", "worker", "platform", "publisher", "broker"):
            password = (data / "secrets" / f"ap_{role}").read_text().strip()
            os.environ[f"DATABASE_URL_{role.upper()}"] = (
                f"postgresql://ap_{role}:{password}@127.0.0.1:{port}/agent_platform"
            )
        valkey = (data / "secrets" / "valkey").read_text().strip()
        os.environ["REDIS_URL"] = f"redis://:{valkey}@127.0.0.1:{(data / 'valkey.port').read_text().strip()}/0"
        os.environ["AP_DATA_DIR"] = str(data)


def used_mib() -> float:
    """Memory of this machine that no program could have at once."""
    lines = dict(re.findall(r"^(\w+):\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE))
    return (int(lines["MemTotal"]) - int(lines["MemAvailable"])) / 1024


def _owner(pid: int, names: dict[int, str]) -> str | None:
    seen = 0
    while pid > 1 and seen < 12:
        if pid in names:
            return names[pid]
        try:
            pid = int(re.findall(r"PPid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0])
        except (OSError, IndexError):
            return None
        seen += 1
    return None


def _pss_mib(folder: Path) -> float:
    try:
        return int(re.findall(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)[0]) / 1024
    except (OSError, IndexError):
        return 0.0


def _cpu_ms(folder: Path) -> float:
    try:
        fields = (folder / "stat").read_text().rsplit(") ", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) * 1000 / TICKS_PER_SECOND
