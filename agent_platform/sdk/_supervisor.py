"""What the first process of a container does: starts the runner, passes one claim on, keeps the clock, reaps, tells the end."""

from __future__ import annotations

import os
import resource
import select
import sys
import time
from _signal import (  # type: ignore[import-not-found] # the module on top of it brings enum
    SIG_BLOCK,
    SIG_DFL,
    SIG_IGN,
    SIG_UNBLOCK,
    SIGCHLD,
    SIGINT,
    SIGKILL,
    SIGPIPE,
    SIGTERM,
    SIGXFSZ,
    pthread_sigmask,
    set_wakeup_fd,
    signal,
)
from _socket import AF_UNIX, SOCK_STREAM, socket, socketpair

from agent_platform.sdk import _processes
from agent_platform.sdk._frames import READ_BYTES, Bounded
from agent_platform.sdk._json import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

WORK_DIR = "/work"
RUNNER = "import sys; sys.path.append({root!r}); from agent_platform.sdk.runner import main; main()"
ROOT = os.path.abspath(__file__).rsplit("/", 3)[0]  # noqa: PTH100 - pathlib costs start-up time
TIMEOUT_GRACE_SECONDS = 2.0
FLOOD_PAUSE_SECONDS = 0.05
OPEN_FILES = 1024
KEPT_WORDS = 2000
# More than a pipe holds; a process that still writes must not hold us up.
MAX_PIPE_READS = 32
BEFORE_CLAIM_LOG_BYTES = 64 * 1024
DEFAULT_START_SECONDS, DEFAULT_LOG_BYTES = 60.0, 10 * 1024 * 1024
TOLD_TO_RUNNER = ("token", "broker", "name", "rlimits")


class Notes:
    """Facts for the driver, one JSON line each: `claimed`, `running`, `timeout`, `start_timeout`, `stopped`, `exit`."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def note(self, what: str, **members: object) -> None:
        if self._descriptor is not None:
            line = encode({"what": what, "at": round(time.time(), 6), **members})
            os.write(self._descriptor, line.encode("utf-8", "replace") + b"\n")


class Supervisor:
    """`write(stream, content)` keeps output; `stop_grace()` is how long SIGTERM from outside may take, None for ever."""

    def __init__(
        self, notes: Notes, write: Callable[[int, bytes], object], stop_grace: Callable[[], float | None]
    ) -> None:
        self._notes = notes
        self._output = Bounded(BEFORE_CLAIM_LOG_BYTES, write)
        self._stop_grace = stop_grace
        self._words = b""
        self._code: int | None = None
        self._stopping = False
        self._poll = select.poll()
        self._calls: dict[int, Callable[[], object]] = {}
        self._due: dict[str, tuple[float, Callable[[], None]]] = {}
        self._listen_to_signals()
        self._pid, self._control, self._streams = _spawned()
        self.watch(self._control.fileno(), self._heard)
        for descriptor in self._streams:
            self._read_again(descriptor)

    def watch(self, descriptor: int, call: Callable[[], object]) -> None:
        """`call()` whenever the descriptor can be read."""
        self._calls[descriptor] = call
        self._poll.register(descriptor, select.POLLIN)

    def unwatch(self, descriptor: int) -> None:
        if self._calls.pop(descriptor, None):
            self._poll.unregister(descriptor)

    def claim(self, claim: dict) -> None:
        """The runner has its one claim, and the clock of its start runs."""
        self._wall_seconds = float(claim["wall_seconds"])
        self._output.limit_bytes = int(claim.get("log_bytes", DEFAULT_LOG_BYTES))
        start_seconds = float(claim.get("start_seconds", DEFAULT_START_SECONDS))
        self._notes.note("claimed")
        self._set("clock", start_seconds, self._start_is_over)
        line = encode({name: claim[name] for name in TOLD_TO_RUNNER}).encode()
        try:  # noqa: SIM105 - contextlib costs start-up time
            self._control.sendall(line + b"\n")
        except OSError:
            pass  # it has ended already, and the end is told soon

    def run(self) -> int:
        """The runner has ended with everything it started; returns its exit code, 128 and more for a signal."""
        while self._code is None:
            for descriptor, _ in self._poll.poll(self._patience_ms()):
                if descriptor in self._calls:
                    self._calls[descriptor]()
            now = time.monotonic()
            for name, (moment, act) in list(self._due.items()):
                if moment <= now:
                    del self._due[name]
                    act()
        self._finish(self._code)
        return self._code

    def _listen_to_signals(self) -> None:
        signal(SIGINT, SIG_IGN)  # a handler, and Python has one, would let the agent end a first process
        read, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        set_wakeup_fd(write, warn_on_full_buffer=False)
        signal(SIGCHLD, _noted_by_the_wakeup_pipe)
        self.watch(read, lambda: os.read(read, 512) and self._reap())
        pthread_sigmask(SIG_BLOCK, (SIGTERM,))
        told = _processes.signal_descriptor(SIGTERM)
        self.watch(told, lambda: self._told_to_stop(os.read(told, _processes.SIGNAL_RECORD_BYTES)))

    def _told_to_stop(self, record: bytes) -> None:
        if not _processes.is_from_outside(record):
            return  # the agent's own: the platform would have to take it for a stop of the machine
        grace = self._stop_grace()
        if grace is not None:
            self._kill_within(grace)
        self._stop("stopped")

    def _reap(self) -> None:
        while True:
            try:
                pid, status, _ = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._pid:
                code = os.waitstatus_to_exitcode(status)
                self._code = code if code >= 0 else 128 - code

    def _heard(self) -> None:
        words = self._control.recv(64)
        if b"running" in words:
            self._notes.note("running")
            self._set("clock", self._wall_seconds, self._time_is_over)
        if not words or b"running" in words:
            self.unwatch(self._control.fileno())
            self._control.close()

    def _written(self, descriptor: int) -> bool:
        try:
            content = os.read(descriptor, READ_BYTES)
        except BlockingIOError:
            return False
        if not content:
            self.unwatch(descriptor)
            return False
        stream = self._streams[descriptor]
        if stream == 2:
            self._words = (self._words + content)[-KEPT_WORDS:]
        self._output.append(stream, content)
        if self._output.is_full:
            # A flood whose every byte is dropped must not keep us busy: its writer waits instead.
            self.unwatch(descriptor)
            self._set(f"flood {descriptor}", FLOOD_PAUSE_SECONDS, lambda: self._read_again(descriptor))
        return True

    def _read_again(self, descriptor: int) -> None:
        self.watch(descriptor, lambda: self._written(descriptor))

    def _start_is_over(self) -> None:
        self._notes.note("start_timeout")
        _processes.send_all(SIGKILL)

    def _time_is_over(self) -> None:
        self._kill_within(TIMEOUT_GRACE_SECONDS)
        self._stop("timeout")

    def _stop(self, what: str) -> None:
        if not self._stopping:
            self._stopping = True
            self._notes.note(what)
            _processes.send_all(SIGTERM)

    def _kill_within(self, seconds: float) -> None:
        moment = time.monotonic() + max(0.0, seconds)
        if "kill" not in self._due or moment < self._due["kill"][0]:
            self._due["kill"] = (moment, lambda: _processes.send_all(SIGKILL))

    def _set(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        self._due[name] = (time.monotonic() + seconds, act)

    def _patience_ms(self) -> float | None:
        if not self._due:
            return None
        first = min(moment for moment, _ in self._due.values())
        return max(0.0, first - time.monotonic()) * 1000 + 1

    def _finish(self, code: int) -> None:
        oom_kills, cpu_seconds, peak_memory_bytes = _processes.usage()
        _processes.send_all(SIGKILL)
        for descriptor in self._streams:
            for _ in range(MAX_PIPE_READS):
                if not self._written(descriptor):
                    break
        self._notes.note(
            "exit",
            code=code,
            oom=code != 0 and oom_kills > 0,
            cpu_seconds=cpu_seconds,
            peak_memory_bytes=peak_memory_bytes,
            words=self._words.decode("utf-8", "replace") if code else "",
        )


def _spawned() -> tuple[int, socket, dict[int, int]]:
    """The runner's pid, our end of its standard input, and its output: descriptor -> stream."""
    ours, theirs = socketpair(AF_UNIX, SOCK_STREAM)
    out_read, out_write = os.pipe2(os.O_CLOEXEC)
    err_read, err_write = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        _become_runner((theirs.fileno(), out_write, err_write))
    theirs.close()
    for descriptor in (out_write, err_write):
        os.close(descriptor)
    for descriptor in (out_read, err_read):
        os.set_blocking(descriptor, False)
    return pid, ours, {out_read: 1, err_read: 2}


def _become_runner(streams: tuple[int, int, int]) -> NoReturn:
    try:
        for target, descriptor in enumerate(streams):
            os.dup2(descriptor, target)
        # Python ignores these two, and what is ignored stays so across exec; the others were ours.
        for number in (SIGPIPE, SIGXFSZ, SIGTERM, SIGCHLD, SIGINT):
            signal(number, SIG_DFL)
        pthread_sigmask(SIG_UNBLOCK, (SIGTERM,))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = min(OPEN_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        flags = ("-I", "-S", "-B", "-X", "utf8", "-c", RUNNER.format(root=ROOT))
        os.execve(sys.executable, [sys.executable, *flags], _environment())  # noqa: S606 - the whole command is ours
    except BaseException as error:  # noqa: BLE001 - nothing of a child may return into the supervisor's loop
        os.write(2, f"{error}\n".encode())
    os._exit(127)


def _environment() -> dict[str, str]:
    """The same on every driver, but for the image's own search path."""
    home = WORK_DIR if os.path.isdir(WORK_DIR) else os.getcwd()  # noqa: PTH109, PTH112 - pathlib costs start-up time
    path = os.environ.get("PATH", "/usr/bin")
    return {"HOME": home, "TMPDIR": "/tmp", "LANG": "C.UTF-8", "PATH": path, "PWD": home, "USER": "agent"}  # noqa: S108


def _noted_by_the_wakeup_pipe(*_: object) -> None:
    return None
