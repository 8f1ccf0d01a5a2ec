"""The whole product, started by its own command on a port and a data folder of its own."""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from agent_platform.core.embedded.folders import is_free
from agent_platform.core.settings import SYSTEM_NAMES

ROOT = Path(__file__).resolve().parents[2]
STAMP = ROOT / ".web" / "built"
PORTS = range(18_300, 18_900)
PORTS_OF_A_LANE = 40  # tests run in two processes: what is free for one may be what the other is about to take
LANE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
BAKED_PORT = re.compile(r"localhost:\d+")
BESIDE = (
    "agent_platform",
    "workers",
    "alembic",
    "alembic.ini",
    "assets",
    "agents",
    "docs",
    "CHANGELOG.md",
    "rxconfig.py",
)
START_SECONDS = 300  # a first start seeds eight agents; other work may share the two cores
STOP_SECONDS = 25
POLL_SECONDS = 0.1


class Product:
    """`start` may be called again after `stop`: the data folder stays."""

    def __init__(self, ports: Iterable[int] = PORTS) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ap-"))  # short: sockets lie below it
        self.data = self.folder / "data"
        self.log = self.folder / "log.txt"
        self.port = next(port for port in list(ports)[LANE * PORTS_OF_A_LANE :] if is_free(port))
        self.process: subprocess.Popen[bytes] | None = None
        self.signed_in: dict[str, Any] = {}  # cookies by person: signing in is limited to ten a minute
        _stage(self.folder / "stage", self.port)

    @property
    def base(self) -> str:
        return f"http://localhost:{self.port}"

    def tenant(self, slug: str) -> str:
        return f"http://{slug}.localhost:{self.port}"

    def start(self) -> None:
        """Ready and seeded."""
        ready_before = self.output().count("Ctrl-C stops it")
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "agent_platform.cli", "run"],
                cwd=self.folder / "stage", env=self._environment(), stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self._wait_for(lambda: self.output().count("Ctrl-C stops it") > ready_before)
        self._wait_for((self.data / "seeded").exists)

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Ctrl-C, or SIGTERM, has ended everything within the promised time, and nothing had to be killed."""
        assert self.process is not None
        pids = self.pids()
        self.process.send_signal(number)
        assert self.process.wait(STOP_SECONDS) == 0, self.tail()
        assert [name for name, pid in pids.items() if Path(f"/proc/{pid}/exe").exists()] == []
        assert "did not stop in time" not in self.output(), self.tail()

    def remove(self) -> None:
        """Nothing of it is left, however it ended."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()  # everything below it dies with it
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self) -> dict[str, int]:
        return json.loads((self.data / "processes.json").read_text(encoding="ascii"))

    def kill(self, name: str) -> None:
        """The recorded process of this service is gone, without a chance to tidy up."""
        os.kill(self.pids()[name], signal.SIGKILL)

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def tail(self) -> str:
        return self.output()[-4_000:]

    def sign_in_link(self) -> str:
        """The administrator's link, as the command prints it beside a running product."""
        done = subprocess.run(
            [sys.executable, "-m", "agent_platform.cli", "sign-in-link"],
            cwd=self.folder / "stage", env=self._environment(), capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        return re.findall(r"http://\S+/auth/admin\?code=\S+", done.stdout)[-1]

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in SYSTEM_NAMES if name in os.environ}
        return kept | {"AP_DATA_DIR": str(self.data), "PORT": str(self.port)}

    def _wait_for(self, holds: Callable[[], bool]) -> None:
        process = self.process
        assert process is not None
        until(lambda: holds() or process.poll() is not None, self.tail, seconds=START_SECONDS)
        assert holds(), self.tail()


def until(holds: Callable[[], object], what: Callable[[], object] | str, *, seconds: float = 60) -> None:
    """Returns as soon as it holds; `what` names what was waited for in vain."""
    give_up_at = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > give_up_at:
            raise AssertionError(f"waited {seconds:.0f} s in vain: {what() if callable(what) else what}")
        time.sleep(POLL_SECONDS)


def build_front() -> str:
    """Empty when the front end of these sources is there; else why it cannot be built."""
    port = STAMP.read_text(encoding="ascii").split()[-1] if STAMP.exists() else "3000"
    environment = {**os.environ, "PORT": port}  # the port it was built for, or everybody's `make run` would build anew
    done = subprocess.run(
        ["deploy/scripts/front.sh"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-2_000:]


def _stage(stage: Path, port: int) -> None:
    """A working folder whose front end speaks to `port`, which stands alone in one small file of the build."""
    stage.mkdir()
    for name in BESIDE:
        (stage / name).symlink_to(ROOT / name)
    web = stage / ".web"
    shutil.copytree(ROOT / ".web" / "backend", web / "backend")
    shutil.copytree(ROOT / ".web" / "build" / "client", web / "build" / "client")
    baked = list((web / "build" / "client" / "assets").glob("reflex-env-*.js"))
    assert len(baked) == 1, baked
    script = BAKED_PORT.sub(f"localhost:{port}", baked[0].read_text(encoding="utf-8"))
    baked[0].write_text(script, encoding="utf-8")
    packed = baked[0].with_name(baked[0].name + ".gz")
    if packed.exists():
        packed.write_bytes(gzip.compress(script.encode()))
