"""The entry of a container, in a file system and process tree of its own: each way to its one claim, and its clock."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_platform.sdk._frames import read_frames
from agent_platform.sdk._processes import descendants
from tests.contracts.benches import eventually
from tests.doubles.agent_broker import AgentBroker, Work, zipped
from workers.sandbox.rootfs import copy_sdk

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]
TOKEN = "apr_token_of_the_claim"
ECHO = "def go(run):\n    print('hello')\n    return run.input\n"
SLEEP = "import time\ndef go(run):\n    run.log.info('asleep')\n    time.sleep(300)\n"


class Container:
    """A container without an engine; `options` are those of `agent_platform.sdk.container`."""

    def __init__(self, folder: Path, broker: AgentBroker, *, first: bool) -> None:
        self.folder = folder
        self.broker = broker
        self.first = first
        self.sdk = folder / "sdk"
        copy_sdk(self.sdk)
        self.running: subprocess.Popen[bytes] | None = None

    def start(self, *options: object) -> None:
        box = ["bwrap", "--unshare-pid", "--die-with-parent", *["--as-pid-1"] * self.first]
        box += ["--unshare-user", "--uid", "1000", "--gid", "1000"]  # as in a container: without any power of root
        for path in sorted(Path("/").iterdir()):
            if path.is_symlink():
                box += ["--symlink", str(path.readlink()), str(path)]
            elif path.is_dir() and path.name not in {"proc", "dev", "agent", "work"}:
                box += ["--ro-bind", str(path), str(path)]
        box += ["--bind", str(self.folder), str(self.folder), "--proc", "/proc", "--dev", "/dev"]
        box += ["--tmpfs", "/agent", "--tmpfs", "/work", "--chdir", str(self.sdk)]
        program = [os.path.realpath(sys.executable), "-B", "-m", "agent_platform.sdk.container", *map(str, options)]
        self.running = subprocess.Popen([*box, *program], stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def end(self) -> tuple[int, str]:
        output, words = self.running.communicate(timeout=30)
        return self.running.returncode, (output + words).decode()

    def supervisor(self) -> int:
        programs = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in descendants(self.running.pid)}
        return next(pid for pid, line in programs.items() if b"sdk.container" in line and b"bwrap" not in line)

    def claim(self, **members: Any) -> dict[str, Any]:
        claim = {"token": TOKEN, "broker": self.broker.endpoint, "name": "ap-r-1", "rlimits": {}, "wall_seconds": 60}
        return claim | members

    def control(self) -> Path:
        """A control folder as the docker driver makes it."""
        folder = self.folder / "control"
        folder.mkdir()
        os.mkfifo(folder / "claim")
        for name in ("journal", "log"):
            (folder / name).touch()
        return folder

    def hand_over(self, folder: Path, **members: Any) -> None:
        pipe = eventually(lambda: self._pipe(folder))
        os.write(pipe, json.dumps(self.claim(**members)).encode() + b"\n")
        os.close(pipe)

    def notes(self, folder: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (folder / "journal").read_text().splitlines()]

    def _pipe(self, folder: Path) -> int | None:
        try:
            return os.open(folder / "claim", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None


@pytest.fixture(params=[True, False], ids=["first process", "beside others"])
def container(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Container]:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    broker = AgentBroker(tmp_path, tcp=True)
    broker.start()
    made = Container(tmp_path, broker, first=request.param)
    yield made
    if made.running and made.running.poll() is None:
        made.running.kill()
        made.running.communicate()
    broker.stop()


def worded(container: Container, source: str, **members: Any) -> Work:
    work = Work(zipped({"main.py": source}), **members)
    container.broker.works[TOKEN] = work
    return work


def test_a_token_file_and_the_brokers_address_are_a_claim(container: Container) -> None:
    work = worded(container, ECHO, input={"n": 1})
    token = container.folder / "token"
    token.write_text(TOKEN + "\n")
    more = ["--start-seconds", 30, "--log-bytes", 5000, "--rlimits", '{"RLIMIT_FSIZE":1000000}']
    container.start("--token-file", token, "--broker", container.broker.endpoint, "--wall-seconds", 60, *more)
    assert container.end() == (0, "")
    assert (work.result, work.said) == ({"n": 1}, ["hello"])
    assert not token.exists()


def test_a_port_takes_one_claim_and_is_closed(container: Container) -> None:
    work = worded(
        container,
        "import os\ndef go(run):\n    os.write(1, b'raw')\n    run.log.info('ready')\n    raise SystemExit(3)\n",
    )
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    container.start("--port", port)

    def asked(line: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(line)
            return connection.recv(100)

    assert eventually(lambda: _answer(asked, b"{}\n")) == b"-"
    assert asked(b"no claim\n") == b""
    assert asked(json.dumps(container.claim()).encode() + b"\n") == b"claimed\n"
    with pytest.raises(OSError):
        asked(b"{}\n")
    assert container.end() == (3, "raw")
    assert work.said == ["ready"]


def _answer(asked, line: bytes) -> bytes | None:
    try:
        return asked(line) or b"-"
    except OSError:
        return None


def test_a_pipe_takes_a_claim_and_the_end_is_noted(container: Container) -> None:
    worded(
        container, "import os\ndef go(run):\n    os.write(1, b'out\\n')\n    os.write(2, b'err\\n')\n    os._exit(5)\n"
    )
    folder = container.control()
    container.start("--control", folder)
    container.hand_over(folder)
    assert container.end() == (5, "")
    notes = container.notes(folder)
    assert [note["what"] for note in notes] == ["claimed", "running", "exit"]
    assert (notes[-1]["code"], notes[-1]["words"]) == (5, "err\n")
    assert notes[-1]["peak_memory_bytes"] > 2**20
    assert {(frame.stream, frame.content) for frame in read_frames(folder / "log", 0)} == {
        ("stdout", b"out\n"),
        ("stderr", b"err\n"),
    }


@pytest.mark.sec
def test_a_claim_is_in_no_file_and_no_command_line(container: Container) -> None:
    work = worded(container, SLEEP)
    folder = container.control()
    container.start("--control", folder)
    container.hand_over(folder)
    eventually(lambda: work.said)
    listing = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
    assert TOKEN not in listing
    assert [path for path in folder.iterdir() if path.is_file() and TOKEN in path.read_text()] == []


@pytest.mark.sec
def test_an_agent_cannot_stop_its_clock(container: Container) -> None:
    """Only the first process of a container is out of reach for those it started."""
    if not container.first:
        pytest.skip("a process like any other can be stopped")
    source = (
        "import os, signal, time\ndef go(run):\n    for n in (signal.SIGSTOP, signal.SIGKILL):\n        os.kill(1, n)\n"
    )
    worded(container, source + "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    time.sleep(300)\n")
    folder = container.control()
    container.start("--control", folder)
    container.hand_over(folder, wall_seconds=0.3)
    assert container.end()[0] == 128 + 9
    assert [note["what"] for note in container.notes(folder)][-2:] == ["timeout", "exit"]


@pytest.mark.sec
@pytest.mark.parametrize("attack", ["os.kill(1, signal.SIGTERM)", "os.kill(1, signal.SIGINT)", "sigqueue()", "owned()"])
def test_an_agent_cannot_make_its_end_look_like_a_stop_of_the_machine(container: Container, attack: str) -> None:
    """An attempt that was stopped from outside costs nothing, so nobody inside may bring one about."""
    if not container.first:
        pytest.skip("a process like any other can be signalled")
    source = """
import ctypes, fcntl, os, signal, socket, struct, time

def sigqueue():
    # rt_sigqueueinfo with SI_QUEUE and no sender
    number = {"x86_64": 129, "aarch64": 138}[os.uname().machine]
    ctypes.CDLL(None).syscall(number, 1, int(signal.SIGTERM), struct.pack("iii", int(signal.SIGTERM), 0, -1) + bytes(116))

def owned():
    # the kernel sends the signal when the descriptor can be read
    ours, theirs = socket.socketpair()
    fcntl.fcntl(ours, fcntl.F_SETOWN, 1)
    fcntl.fcntl(ours, 10, int(signal.SIGTERM))
    fcntl.fcntl(ours, fcntl.F_SETFL, fcntl.fcntl(ours, fcntl.F_GETFL) | os.O_ASYNC)
    theirs.send(b"x")

def go(run):
    ATTACK
    time.sleep(0.5)
    os._exit(9)
"""
    worded(container, source.replace("ATTACK", attack))
    folder = container.control()
    container.start("--control", folder)
    container.hand_over(folder)
    assert container.end() == (9, "")
    assert [note["what"] for note in container.notes(folder)] == ["claimed", "running", "exit"]


@pytest.mark.sec
def test_an_agent_cannot_write_to_its_first_process(container: Container) -> None:
    if not container.first:
        pytest.skip("only a first process keeps the clock of a container")
    source = """
import os
def go(run):
    found = {}
    for path in ("/proc/1/mem", "/proc/1/fd/2", f"/proc/{os.getpid()}/mem"):
        try:
            os.close(os.open(path, os.O_WRONLY))
            found[path.replace(str(os.getpid()), "own")] = "open"
        except PermissionError:
            found[path] = "closed"
    return found
"""
    work = worded(container, source)
    folder = container.control()
    container.start("--control", folder)
    container.hand_over(folder)
    assert container.end() == (0, "")
    assert work.result == {"/proc/1/mem": "closed", "/proc/1/fd/2": "closed", "/proc/own/mem": "open"}


def test_sigterm_is_passed_on_and_the_grace_is_what_the_driver_wrote(container: Container) -> None:
    work = worded(
        container,
        "import os, time\ndef go(run):\n    if os.fork() == 0:\n        import signal\n"
        "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n        os.setsid(); time.sleep(300)\n"
        "    run.log.info('asleep')\n    time.sleep(300)\n",
    )
    folder = container.control()
    container.start("--control", folder)
    container.hand_over(folder)
    eventually(lambda: work.said)
    (folder / "stop").write_text('{"grace_seconds": 20}')
    os.kill(container.supervisor(), signal.SIGTERM)
    assert container.end() == (128 + 15, "")
    assert work.said == ["asleep", "stopping"]
    assert [note["what"] for note in container.notes(folder)][-2:] == ["stopped", "exit"]


def test_a_runner_without_input_in_time_is_ended(container: Container) -> None:
    worded(container, ECHO)
    container.broker.outages["input"] = 1000
    folder = container.control()
    container.start("--control", folder)
    container.hand_over(folder, start_seconds=0.3)
    assert container.end()[0] == 128 + 9
    assert [note["what"] for note in container.notes(folder)] == ["claimed", "start_timeout", "exit"]


@pytest.mark.parametrize("options", [[], ["--control"], ["--port", "1", "--control", "/x"], ["--other", "1"]])
def test_options_that_are_no_way_to_a_claim_are_refused(options: list[str]) -> None:
    command = [sys.executable, "-m", "agent_platform.sdk.container", *options]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (70, "")
    assert "not understood" in refused.stderr
