"""Starts sandboxes: one bwrap each, in its own cgroup and under its own uid where this process may give them."""

import os
import resource
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from workers.sandbox import tree
from workers.sandbox.bwrap import MIB, Layout, command
from workers.sandbox.cgroups import Group, Hierarchy

FIRST_UID = 200_000
OPEN_FILES = 1024
# No kernel limit holds its CPU there: the platform goes first.
NICE_WITHOUT_CGROUP = 5


@dataclass(frozen=True)
class Launched:
    """`control` is our end of the runner's standard input; the caller owns it and both streams."""

    pid: int
    started: int
    control: socket.socket
    stdout: int
    stderr: int
    group: Group | None


class Launcher:
    def __init__(self, layout: Layout, filter_path: Path, hierarchy: Hierarchy | None, *, own_uids: bool) -> None:
        self._layout = layout
        self._filter = filter_path
        self.hierarchy = hierarchy
        self.own_uids = own_uids

    def launch(self, name: str, slot: int, disk_mb: int) -> Launched:
        """A sandbox that boots; it says `ready` on its control socket. Raises: OSError.

        Call from one lasting thread only: the sandbox dies with the thread that started it.
        """
        group = self.hierarchy.group(name) if self.hierarchy else None
        if group:
            group.create()
        ours, theirs = socket.socketpair()
        out_read, out_write = os.pipe2(os.O_CLOEXEC)
        err_read, err_write = os.pipe2(os.O_CLOEXEC)
        seccomp = os.open(self._filter, os.O_RDONLY | os.O_CLOEXEC)
        arguments = command(self._layout, disk_mb=disk_mb, seccomp_fd=seccomp)
        enter = _entering(group, FIRST_UID + slot if self.own_uids else None, disk_mb * MIB)
        try:
            # Not subprocess: it waits until the child has become bwrap, and claims would wait with it.
            pid = os.fork()
            if pid == 0:
                _become(arguments, enter, (theirs.fileno(), out_write, err_write), kept=seccomp)
        except OSError:
            ours.close()
            os.close(out_read)
            os.close(err_read)
            if group:
                group.remove()
            raise
        finally:
            theirs.close()
            for descriptor in (out_write, err_write, seccomp):
                os.close(descriptor)
        for descriptor in (out_read, err_read, ours.fileno()):
            os.set_blocking(descriptor, False)
        return Launched(pid, tree.start_time(pid), ours, out_read, err_read, group)


def _become(arguments: list[str], enter: Callable[[], None], streams: tuple[int, int, int], *, kept: int) -> NoReturn:
    """In the child: this process is bwrap, or it ends with 127 and a line on its standard error."""
    try:
        for target, descriptor in enumerate(streams):
            os.dup2(descriptor, target)
        os.set_inheritable(kept, True)
        # Python ignores these, and what is ignored stays so across exec.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        enter()
        os.chdir("/")
        os.execve(arguments[0], arguments, {})  # noqa: S606 - the whole command is ours
    except BaseException as error:  # noqa: BLE001 - nothing of a child may return into the daemon's loop
        os.write(2, f"{error}\n".encode())
    os._exit(127)


def _entering(group: Group | None, uid: int | None, disk_bytes: int) -> Callable[[], None]:
    paths = group.join_paths() if group else []

    def enter() -> None:
        for path in paths:
            descriptor = os.open(path, os.O_WRONLY)
            os.write(descriptor, b"0")
            os.close(descriptor)
        if group is None:
            os.nice(NICE_WITHOUT_CGROUP)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (disk_bytes, disk_bytes))
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)

    return enter
