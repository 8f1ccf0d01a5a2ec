"""Services are forked from one parent that has imported what they share, so that each costs only its own memory.

The nursery is forked from the supervisor before that knows any secret, has any connection or any thread. A child's environment
comes to it through a pipe that the nursery never reads. Whoever is killed takes everything below with it.
"""

import ctypes
import gc
import json
import logging
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import NoReturn

from agent_platform.core.db.engine import prepare_to_fork
from agent_platform.core.errors import AppError, RefusedToStart
from workers.commands import call

PR_SET_PDEATHSIG = 1  # Source: linux/prctl.h
PR_SET_NAME = 15
M_ARENA_MAX = -8  # Source: malloc.h of glibc
MEMORY_ARENAS = 2  # else every thread of a child may keep freed memory of its own
MESSAGE_BYTES = 65_536
HIGHEST_FD = 1 << 20
SHARED_MODULES = (  # not what works once and ends, such as migrations: they would stay in memory for ever
    "agent_platform.broker.server",
    "workers.__main__",
    "workers.beat",
    "workers.jobs",
    "workers.watch",
    "workers.web",
)


@dataclass(frozen=True)
class Birth:
    """Ends of three pipes: `environment` to write JSON to and close, `output` to read, `life` tells pid and exit code."""

    environment: int
    output: int
    life: int


class Nursery:
    """The supervisor's side: asks for children. `start` must come before any thread, connection or secret."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid = pid
        self.channel = channel

    @classmethod
    def start(cls, modules: Sequence[str] = SHARED_MODULES) -> "Nursery":
        for name in modules:
            _import_if_there(name)
        prepare_to_fork()
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        gc.freeze()  # a collection in a child would else copy every page
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            _end_with(parent, signal.SIGKILL)
            _serve(theirs)
        theirs.close()
        return cls(pid, ours)

    def give_birth(self, name: str, argv: Sequence[str]) -> Birth:
        """Asks for a child that runs our command `argv` once it has read its environment."""
        (env_read, env_write), (out_read, out_write), (life_read, life_write) = (os.pipe() for _ in range(3))
        request = json.dumps({"name": name, "argv": list(argv)}).encode()
        socket.send_fds(self.channel, [request], [env_read, out_write, life_write])
        for fd in (env_read, out_write, life_write):
            os.close(fd)
        return Birth(environment=env_write, output=out_read, life=life_read)

    def close(self) -> None:
        """No more children; those alive die with the nursery."""
        self.channel.close()
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def end_with_parent(death_signal: signal.Signals = signal.SIGKILL) -> None:
    """This process gets the signal when the thread that made it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))


def _import_if_there(name: str) -> None:
    with suppress(ModuleNotFoundError):  # of a parent package
        if find_spec(name):
            import_module(name)


def _end_with(parent: int, death_signal: signal.Signals) -> None:
    end_with_parent(death_signal)
    if os.getppid() != parent:
        os._exit(1)


def _serve(channel: socket.socket) -> NoReturn:
    """Forks on request and reports ends, until the supervisor closes its side."""
    os.setsid()
    _close_all_but({channel.fileno()})
    _set_name("ap-nursery")
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, MEMORY_ARENAS)
    wake_read, wake_write = os.pipe()
    for fd in (wake_read, wake_write):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    lives: dict[int, int] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(channel, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is channel:
                    _answer(channel, lives)
                else:
                    with suppress(BlockingIOError):
                        os.read(wake_read, MESSAGE_BYTES)
            _report_ends(lives)


def _answer(channel: socket.socket, lives: dict[int, int]) -> None:
    message, fds, *_ = socket.recv_fds(channel, MESSAGE_BYTES, 3)
    if not message:
        os._exit(0)
    environment, output, life = fds
    request = json.loads(message)
    nursery = os.getpid()
    pid = os.fork()
    if pid == 0:
        _end_with(nursery, signal.SIGKILL)
        _live(request, environment, output)
    os.write(life, b"%d\n" % pid)
    os.close(environment)
    os.close(output)
    lives[pid] = life


def _report_ends(lives: dict[int, int]) -> None:
    while lives:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        life = lives.pop(pid)
        with suppress(BrokenPipeError):
            os.write(life, b"%d\n" % os.waitstatus_to_exitcode(status))
        os.close(life)


def _live(request: dict, environment: int, output: int) -> NoReturn:
    code = 1
    try:
        _become(request, environment, output)
        code = _run(request)
    except BaseException:  # noqa: BLE001 - nothing of a child may return into the nursery's loop
        traceback.print_exc()
    with suppress(BaseException):
        sys.stdout.flush()
        sys.stderr.flush()
        logging.shutdown()
    os._exit(code)


def _become(request: dict, environment: int, output: int) -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)
    os.setsid()
    _close_all_but({environment, output})
    for target in (1, 2):
        os.dup2(output, target)
    os.close(output)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with os.fdopen(environment, "rb") as pipe:
        received = json.loads(pipe.read())
    os.environ.clear()
    os.environ.update(received)
    sys.argv = ["agent-platform", *request["argv"]]
    _set_name(f"ap-{request['name']}")


def _run(request: dict) -> int:
    try:
        call(*request["argv"])
    except SystemExit as end:
        return _exit_code(end.code)
    except KeyboardInterrupt:
        return 0
    except (AppError, RefusedToStart) as error:
        return _exit_code(str(error))
    return 0


def _exit_code(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)  # noqa: T201 - what the interpreter does with such an exit
    return 1


def _close_all_but(kept: set[int]) -> None:
    first = 3
    for fd in (*sorted(kept), HIGHEST_FD):
        os.closerange(first, fd)
        first = fd + 1


def _set_name(name: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode()[:15])
