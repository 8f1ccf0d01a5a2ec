"""Postgres on a loopback port and a socket of the data folder, living at most as long as the process that started it."""

import logging
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

import psycopg

from agent_platform.core.embedded.binaries import find_postgres
from agent_platform.core.embedded.folders import (
    EmbeddedServerFailed,
    claim_folder,
    last_lines,
    lock_folder,
    remembered_port,
    secret_file,
    socket_folder,
)
from agent_platform.core.embedded.launch import (
    Way,
    choose_way,
    give,
    owner_id,
    reachable_binaries,
    require_reachable,
    spawn,
)
from agent_platform.core.embedded.server import EmbeddedServer

log = logging.getLogger(__name__)

DATABASE = "agent_platform"
SUPERUSER = "postgres"
POLL_SECONDS = 0.05
SLOW_SECONDS = 5.0
SETTINGS = {
    "max_wal_size": "1GB",
    "checkpoint_timeout": "5min",
    "password_encryption": "scram-sha-256",
    "listen_addresses": "127.0.0.1",
    "max_connections": "250",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class EmbeddedPostgres(EmbeddedServer):
    """`url` is the superuser's: for `ensure_roles` alone, never for serving."""

    asks = signal.SIGINT  # ends its sessions
    insists = signal.SIGQUIT  # without a checkpoint: the next start recovers
    patience_seconds = 60.0


def start_postgres(
    data_dir: Path,
    *,
    durable: bool = True,
    way: Way | None = None,
    binaries: Path | None = None,
    report: Callable[[str], None] = log.warning,
) -> EmbeddedPostgres:
    """Accepts connections on return, with the database `agent_platform` present. `durable=False` is for tests.

    Raises: EmbeddedServerFailed with the server's last words; DataFolderBusy when another process runs on this folder.
    """
    data_dir = data_dir.absolute()
    claim_folder(data_dir)
    lock = lock_folder(data_dir, "postgres")
    try:
        way = way or choose_way()
        folder = reachable_binaries(binaries or find_postgres(), way)
        cluster = _prepared_cluster(data_dir, folder, way, durable)
        _wait_for_leftovers(cluster, report)
        server = _launched(data_dir, cluster, folder, way, durable, lock)
    except BaseException:
        lock.close()
        raise
    try:
        _wait_until_ready(server, report)
    except BaseException:
        server.stop()
        raise
    return server


def _prepared_cluster(data_dir: Path, folder: Path, way: Way, durable: bool) -> Path:
    cluster = data_dir / "postgres"
    if way is Way.NOBODY:
        data_dir.chmod(0o711)
        require_reachable(cluster, way)
    password_file = data_dir / "secrets" / "postgres"
    if not cluster.exists():
        secret_file(password_file)
        _initialize(cluster, folder, way, password_file, durable)
    _check_version(cluster, folder)
    if not password_file.exists():
        raise EmbeddedServerFailed(f"The password of Postgres is missing: put {password_file} back from your backup.")
    give(cluster, owner_id(way))
    return cluster


def _initialize(cluster: Path, folder: Path, way: Way, password_file: Path, durable: bool) -> None:
    """Built beside and renamed, so that a first start that was killed leaves no half cluster."""
    fresh = cluster.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    passwords = cluster.with_name("postgres.password")
    passwords.touch(mode=0o600)
    passwords.write_text(password_file.read_text(encoding="ascii"), encoding="ascii")
    for path in (fresh, passwords):
        give(path, owner_id(way))
    argv = [str(folder / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "--pwfile", str(passwords)]
    argv += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
    argv += [] if durable else ["--no-sync"]
    log_path = cluster.parent / "log" / "initdb.log"
    code = spawn(argv, way=way, log_path=log_path, death_signal=signal.SIGKILL).wait()
    passwords.unlink()
    if code != 0:
        raise EmbeddedServerFailed(f"Postgres could not create its data folder {fresh}:\n{last_lines(log_path)}")
    fresh.rename(cluster)


def _check_version(cluster: Path, folder: Path) -> None:
    stored = (cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - our binary
    installed = said.split()[2].partition(".")[0]
    if stored != installed:
        raise EmbeddedServerFailed(
            f"The data in {cluster} was written by Postgres {stored}, but Postgres {installed} is installed. "
            f"Install Postgres {stored}, or move the folder away to start with an empty one."
        )


def _wait_for_leftovers(cluster: Path, report: Callable[[str], None]) -> None:
    """Processes of a server whose starter was killed: asked to end, then waited for; their files are removed after."""
    pid_file = cluster / "postmaster.pid"
    reported = False
    asked: set[int] = set()
    while pids := _processes_in(cluster):
        if not reported:
            report("An earlier Postgres on this data folder is still ending; waiting for it.")
            reported = True
        with suppress(OSError, ValueError, IndexError):
            pid = int(pid_file.read_text(encoding="ascii").splitlines()[0])
            if pid in pids and pid not in asked:
                asked.add(pid)
                _interrupt(pid)
        time.sleep(POLL_SECONDS)
    pid_file.unlink(missing_ok=True)


def _processes_in(folder: Path) -> set[int]:
    found, resolved = set(), folder.resolve()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                if (entry / "cwd").readlink() == resolved:
                    found.add(int(entry.name))
    return found


def _interrupt(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)


def _launched(data_dir: Path, cluster: Path, folder: Path, way: Way, durable: bool, lock: TextIO) -> EmbeddedPostgres:
    port = remembered_port(data_dir / "postgres.port")
    sockets = "" if way is Way.NOBODY else _socket_folder(data_dir)  # the run folder is closed to other users
    settings = SETTINGS | {"port": str(port), "unix_socket_directories": sockets} | ({} if durable else FORGETFUL)
    argv = [str(folder / "postgres"), "-D", str(cluster)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    log_path = data_dir / "log" / "postgres.log"
    process = spawn(argv, way=way, log_path=log_path, death_signal=signal.SIGINT)
    password = quote(secret_file(data_dir / "secrets" / "postgres"), safe="")
    url = f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{DATABASE}"
    return EmbeddedPostgres(url=url, process=process, port=port, log_path=log_path, lock=lock)


def _socket_folder(data_dir: Path) -> str:
    folder = socket_folder(data_dir) / "postgres"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return str(folder)


def _wait_until_ready(server: EmbeddedPostgres, report: Callable[[str], None]) -> None:
    """No time limit: recovery after a crash may take minutes, and a dead server says so itself."""
    started = time.monotonic()
    slow = False
    while not _has_database(server.url):
        if server.process.poll() is not None:
            raise EmbeddedServerFailed(f"Postgres did not start:\n{last_lines(server.log_path)}")
        if not slow and time.monotonic() - started > SLOW_SECONDS:
            slow = True
            report("Postgres is recovering from an unclean stop; this may take a minute.")
        time.sleep(POLL_SECONDS)


def _has_database(url: str) -> bool:
    try:
        with psycopg.connect(
            url.replace(f"/{DATABASE}", "/postgres"), connect_timeout=5, autocommit=True
        ) as connection:
            query = "select 1 from pg_database where datname = %s"
            if connection.execute(query, (DATABASE,)).fetchone() is None:
                connection.execute(f"create database {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True
