"""One sandbox as a process: boots warm and empty, is claimed at most once, and leaves nothing when it ends."""

import asyncio
import json
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from agent_platform.sdk._frames import READ_BYTES, LogFile
from workers.sandbox import tree
from workers.sandbox.attempt import Attempt
from workers.sandbox.bwrap import BROKER_TARGET, MIB
from workers.sandbox.cgroups import EXPECTED, LONG_RUNNING, OWN_PIDS, Share, share_of_nth
from workers.sandbox.launcher import Launched

KEPT_WORDS = 2000
# More than a pipe holds; a process that still writes must not hold us up.
MAX_PIPE_READS = 32
FLOOD_PAUSE_SECONDS = 0.05
ADDRESS_SPACE_SLACK = 512 * MIB
NPROC_PER_NAMESPACE_SINCE = (5, 14)


class Box:
    """`on_ready`, `on_running`, `on_exit` are called in the event loop, each at most once."""

    def __init__(self, name: str, slot: int, disk_mb: int, launched: Launched, *, reserved_for: Attempt | None) -> None:
        self.name = name
        self.slot = slot
        self.disk_mb = disk_mb
        self.pid = launched.pid
        self.started = launched.started
        self.group = launched.group
        self.reserved_for = reserved_for
        self.attempt: Attempt | None = None
        self.init = 0
        self.init_started = 0
        self.last_words = b""
        self.oom_seen = self.pids_seen = False
        self.ended = self.is_long_running = False
        self.gone = asyncio.Event()
        self.on_ready: Callable[[Box], None] = _nothing
        self.on_running: Callable[[Box], None] = _nothing
        self.on_exit: Callable[[Box, int, resource.struct_rusage], None] = _nothing
        self._control = launched.control
        self._streams = {launched.stdout: 1, launched.stderr: 2}
        self._log: LogFile | None = None
        self._loop = asyncio.get_running_loop()
        self._pidfd = os.pidfd_open(launched.pid)
        self._loop.add_reader(self._pidfd, self._exited)
        self._loop.add_reader(self._control, self._heard)
        for descriptor in self._streams:
            self._loop.add_reader(descriptor, self._written, descriptor)

    def claim(self, attempt: Attempt, log: LogFile, nth: int) -> None:
        """The runner has its token and limits, as the nth that its tenant has. Raises: OSError when the kernel refused a limit."""
        limits = attempt.limits
        if self.group:
            self.group.limit(memory_bytes=attempt.memory_bytes, pids=int(limits["pids"]), cpu=float(limits["cpu"]))
            self._give(share_of_nth(nth))
        self.attempt, self._log = attempt, log
        broker = f"{BROKER_TARGET}/broker.sock"
        rlimits = _rlimits(attempt, grouped=self.group is not None)
        claim = {"token": attempt.token, "broker": broker, "name": attempt.handle, "rlimits": rlimits}
        self._control.send(json.dumps(claim).encode() + b"\n")
        attempt.token = ""

    def hurry(self) -> None:
        """It boots before others do anything: somebody waits for it, or would wait if they came now."""
        self._give(EXPECTED)

    def step_back(self) -> None:
        """It has had its turn: who comes later goes first."""
        self.is_long_running = True
        self._give(LONG_RUNNING)

    def terminate(self) -> None:
        """SIGTERM to everything but the launcher's own processes."""
        if self.ended:
            return
        members = tree.descendants(self.init) if self.init else tree.descendants(self.pid)[1:]
        tree.send(members, signal.SIGTERM)

    def kill(self) -> None:
        if not self.ended:  # else its number may be another process by now
            tree.kill_sandbox(self.pid)

    def used(self, usage: resource.struct_rusage) -> dict[str, Any]:
        """What the sandbox took, by its control group where it has one, else by `usage` of its processes."""
        peak = self.group.peak_memory_bytes() if self.group else 0
        cpu = self.group.cpu_seconds() if self.group else None
        return {
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime if cpu is None else cpu, 6),
            "peak_memory_bytes": peak or usage.ru_maxrss * 1024,
        }

    def cpu_seconds(self) -> float:
        """Used so far; 0 where nobody counts it."""
        return (self.group and self.group.cpu_seconds()) or 0.0

    def kill_stragglers(self) -> None:
        """Nothing of the sandbox is alive after its launcher ended."""
        if self.init and tree.start_time(self.init) == self.init_started:
            tree.send([self.init], signal.SIGKILL)
        if self.group:
            tree.send(self.group.pids(), signal.SIGKILL)

    def close(self) -> None:
        """What is still in the pipes is in the log, and every descriptor is closed."""
        for descriptor in list(self._streams):
            for _ in range(MAX_PIPE_READS):
                if not self._written(descriptor):
                    break
        self._deafen()
        if self._log:
            self._log.close()

    def _give(self, share: Share) -> None:
        if self.group:
            with suppress(OSError):  # it has just ended
                self.group.give(share)

    def _heard(self) -> None:
        try:
            words = self._control.recv(64)
        except OSError:
            words = b""
        if b"ready" in words:
            self.init = next(iter(tree.children(self.pid)), 0)
            self.init_started = tree.start_time(self.init)
            self.on_ready(self)
        elif b"running" in words:
            self.on_running(self)
        if not words or b"running" in words:
            self._hang_up()

    def _written(self, descriptor: int) -> bool:
        try:
            content = os.read(descriptor, READ_BYTES)
        except BlockingIOError:
            return False
        if not content:
            self._loop.remove_reader(descriptor)
            self._streams.pop(descriptor)
            os.close(descriptor)
            return False
        if self._streams[descriptor] == 2:
            self.last_words = (self.last_words + content)[-KEPT_WORDS:]
        if self._log:
            self._log.append(self._streams[descriptor], content)
            if self._log.is_full and not self.ended:
                self._read_later(descriptor)
        return True

    def _read_later(self, descriptor: int) -> None:
        # A flood whose every byte is dropped must not keep the daemon busy: its writer waits instead.
        self._loop.remove_reader(descriptor)
        self._loop.call_later(FLOOD_PAUSE_SECONDS, self._read_again, descriptor)

    def _read_again(self, descriptor: int) -> None:
        if descriptor in self._streams and not self.ended:
            self._loop.add_reader(descriptor, self._written, descriptor)

    def _exited(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self.ended = True
        _, status, usage = os.wait4(self.pid, 0)
        if self.attempt:
            self.attempt.limits_met = self._limits_met()
        self.on_exit(self, os.waitstatus_to_exitcode(status), usage)

    def _limits_met(self) -> list[str]:
        return ["pids"] if self.pids_seen or (self.group is not None and self.group.refused_pids() > 0) else []

    def _hang_up(self) -> None:
        self._loop.remove_reader(self._control)
        self._control.close()

    def _deafen(self) -> None:
        if self._control.fileno() >= 0:
            self._hang_up()
        for descriptor in list(self._streams):
            self._loop.remove_reader(descriptor)
            os.close(descriptor)
        self._streams.clear()


def _rlimits(attempt: Attempt, *, grouped: bool) -> dict[str, int]:
    """What the runner lowers for itself before any code of the agent; raising it again is not possible in there."""
    # A warm sandbox's tmpfs has its size already; a smaller declaration still bounds each file.
    limits = {"RLIMIT_FSIZE": int(attempt.limits["disk_mb"]) * MIB}
    if grouped:
        return limits
    limits["RLIMIT_AS"] = 2 * attempt.memory_bytes + ADDRESS_SPACE_SLACK
    # Before that, the count is over all processes of this user on the machine: the watchdog alone counts.
    if _kernel() >= NPROC_PER_NAMESPACE_SINCE:
        limits["RLIMIT_NPROC"] = int(attempt.limits["pids"]) + OWN_PIDS
    return limits


def _nothing(*_: object) -> None:
    return None


def _kernel() -> tuple[int, int]:
    with suppress(ValueError):
        major, minor = os.uname().release.split(".")[:2]
        return int(major), int(minor)
    return (0, 0)
