"""The daemon that owns every sandbox of this machine: `python -m workers.sandbox_host --run-dir R --broker-dir B`."""

import argparse
import asyncio
import fcntl
import os
import platform
import re
import resource
import shutil
import signal
import sys
from pathlib import Path
from typing import NoReturn

from agent_platform.sdk import _seccomp as seccomp
from workers.sandbox import bwrap, recovery, rootfs, staging
from workers.sandbox.cgroups import open_hierarchy
from workers.sandbox.host import Host
from workers.sandbox.launcher import Launcher
from workers.sandbox.records import Records
from workers.sandbox.server import Server
from workers.sandbox.watchdog import watch_limits

SOCKET_NAME = "sandbox-host.sock"
MAX_SOCKET_PATH_BYTES = 107
PROBE_SECONDS = 30
OPEN_FILES = 65_536
LEAST_SANDBOXES, RESERVED_MIB, WAITING_SANDBOX_MIB = 32, 2048, 8
SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
USER_NAMESPACES_HINT = (
    "If it speaks of namespaces or permission, this system forbids unprivileged user namespaces: as root run "
    "`sysctl -w kernel.unprivileged_userns_clone=1` (Debian) or "
    "`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu)."
)


def main() -> NoReturn:
    """This process has become the daemon of this installation, with its settings on the command line.

    A new program, because reading settings imports much that the daemon would hold for ever, and with an empty
    environment, because nothing of ours may be inherited by a sandbox.
    """
    from agent_platform.core.settings import get_settings

    settings = get_settings()
    places = ["--run-dir", str(settings.run_dir), "--broker-dir", str(settings.broker_dir)]
    places += ["--installation", settings.installation]
    command = [sys.executable, "-m", "workers.sandbox_host", *places, "--warm", str(settings.warm_sandboxes)]
    command += ["--most", str(settings.most_sandboxes)]
    os.execve(command[0], command, {})  # noqa: S606 - our own program, no shell


def serve(arguments: list[str]) -> int:
    """Serves until SIGTERM or SIGINT; every sandbox ends with it. Exit code 2: it cannot work here, and says why."""
    options = _parse(arguments)
    try:
        launcher, records = _prepare(options)
        return asyncio.run(_serve(options, launcher, records))
    except CannotWork as reason:
        print(f"sandbox-host: {reason}", file=sys.stderr, flush=True)  # noqa: T201 - the supervisor shows it
        return 2


class CannotWork(Exception):
    """One sentence that says what to do."""


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sandbox-host", description="Starts, limits and ends sandboxes.")
    parser.add_argument("--run-dir", type=Path, required=True, help="folder of the socket and of the daemon's records")
    parser.add_argument("--broker-dir", type=Path, required=True, help="folder in which the broker keeps broker.sock")
    parser.add_argument("--warm", type=int, default=4, help="sandboxes kept ready")
    parser.add_argument("--installation", default="local", help="name that tells two installations apart")
    parser.add_argument("--most", type=int, default=0, help="sandboxes in use at once; 0: as many as memory holds")
    parser.add_argument("--disk-mb", type=int, default=256, help="disk of a warm sandbox")
    parser.add_argument("--limits", choices=("auto", "rlimit"), default="auto", help="rlimit: do without cgroups")
    parser.add_argument("--bwrap", default=shutil.which("bwrap", path=SEARCHED), help="path of bubblewrap")
    return parser.parse_args(arguments)


def _prepare(options: argparse.Namespace) -> tuple[Launcher, Records]:
    run_dir, broker_dir = options.run_dir.absolute(), options.broker_dir.absolute()
    machine = seccomp.MACHINES.get(platform.machine())
    if options.bwrap is None or not os.access(options.bwrap, os.X_OK):
        raise CannotWork(bwrap.INSTALL_HINT)
    if machine is None or not sys.platform.startswith("linux"):
        raise CannotWork(f"Sandboxes need Linux on x86-64 or ARM64, not {sys.platform} on {platform.machine()}.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", options.installation):
        raise CannotWork("The installation's name must be lower-case letters, digits and dashes.")
    if len(os.fsencode(run_dir / SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES:
        raise CannotWork(f"{run_dir} is too long a path for a socket; choose a shorter AP_DATA_DIR.")
    state = run_dir / "sandbox-host"
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    broker_dir.mkdir(parents=True, exist_ok=True)
    _be_alone(state)
    (run_dir / SOCKET_NAME).unlink(missing_ok=True)
    (state / "seccomp.bpf").write_bytes(seccomp.program(machine))
    layout = _layout(options.bwrap, state, broker_dir)
    hierarchy = open_hierarchy(options.installation) if options.limits == "auto" else None
    return Launcher(layout, state / "seccomp.bpf", hierarchy, own_uids=os.geteuid() == 0), Records(state)


def _be_alone(state: Path) -> None:
    # Held until this process ends, however it ends.
    lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotWork(f"Another sandbox host already serves {state.parent}.") from None


def _layout(program: str, state: Path, broker_dir: Path) -> bwrap.Layout:
    rootfs.copy_sdk(state / "sdk")
    masked = tuple(name for name in bwrap.MASKED if Path("/proc", name).exists())
    layout = bwrap.Layout(program, rootfs.describe(state / "sdk"), str(broker_dir), masked)
    if os.geteuid() != 0:
        return layout
    try:
        return staging.stage(layout)
    except OSError as error:
        raise CannotWork(f"Root here may not make mount namespaces ({error}); run as an ordinary user.") from error


async def _serve(options: argparse.Namespace, launcher: Launcher, records: Records) -> int:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, OPEN_FILES), hard))
    recovery.clean_up(records, launcher.hierarchy)
    host = Host(
        launcher,
        records,
        warm=options.warm,
        most=options.most or _most_by_memory(),
        disk_mb=options.disk_mb,
        booting_at_once=max(2, os.cpu_count() or 1),
    )
    await _probe(host)
    recovery.adopt_attempts(records, host)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    watchdog = asyncio.create_task(watch_limits(host))
    server = Server(host, records)
    listener = await server.listen(options.run_dir.absolute() / SOCKET_NAME)
    limits = "cgroup" if launcher.hierarchy else "rlimit"
    print(f"sandbox-host: ready, limits by {limits}, {options.warm} warm", flush=True)  # noqa: T201 - readiness line
    await stopped.wait()
    watchdog.cancel()
    listener.close()
    await server.hang_up()
    await host.close()
    if launcher.hierarchy:
        launcher.hierarchy.leave()
    return 0


def _most_by_memory() -> int:
    """An agent that waits needs some memory even when it does nothing; what is left over is for those that work."""
    total_mib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // bwrap.MIB
    return max(LEAST_SANDBOXES, (total_mib - RESERVED_MIB) // WAITING_SANDBOX_MIB)


async def _probe(host: Host) -> None:
    """One sandbox came up, so all will; it is the first of the warm pool."""
    came_up = await host.boot_one(PROBE_SECONDS)
    if not came_up:
        raise CannotWork(f"bubblewrap could not make a sandbox: {host.last_failure}. {USER_NAMESPACES_HINT}")


if __name__ == "__main__":
    raise SystemExit(serve(sys.argv[1:]))
