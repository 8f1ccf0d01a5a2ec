"""Starts sandboxes: one bwrap each, in its own cgroup and under its own uid where this process may give them."""

import os
import resource
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workers.sandbox import tree
from workers.sandbox.bwrap import MIB, Layout, command
from workers.sandbox.cgroups import Group, Hierarchy

FIRST_UID = 200_000
OPEN_FILES = 1024


@dataclass(frozen=True)
class Launched:
    """`control` is our end of the runner's standard input; the caller owns it and both streams."""

    pid: int
    started: int
    control: socket.socket
    stdout: int
    stderr: int
    group: Group | None
    uid: int | None


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
        uid = FIRST_UID + slot if self.own_uids else None
        ours, theirs = socket.socketpair()
        out_read, out_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        err_read, err_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        seccomp = os.open(self._filter, os.O_RDONLY | os.O_CLOEXEC)
        for end in (out_write, err_write):
            os.set_blocking(end, True)
        try:
            process = subprocess.Popen(  # noqa: S603 - the whole command is ours
                command(self._layout, disk_mb=disk_mb, seccomp_fd=seccomp),
                stdin=theirs,
                stdout=out_write,
                stderr=err_write,
                pass_fds=(seccomp,),
                env={},
                cwd="/",
                preexec_fn=_entering(group, uid, disk_mb * MIB),  # noqa: PLW1509 - the daemon has one thread
            )
        except BaseException:
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
        # We reap it ourselves, for its resource usage; Popen would wait for it at exit.
        process.returncode = 0
        ours.setblocking(False)
        return Launched(process.pid, tree.start_time(process.pid), ours, out_read, err_read, group, uid)


def _entering(group: Group | None, uid: int | None, disk_bytes: int) -> Callable[[], None]:
    paths = group.join_paths() if group else []

    def enter() -> None:
        for path in paths:
            descriptor = os.open(path, os.O_WRONLY)
            os.write(descriptor, b"0")
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (disk_bytes, disk_bytes))
        if uid is not None:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)

    return enter
