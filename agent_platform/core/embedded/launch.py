"""Starting a server program as a user that it accepts, with no environment of ours."""

import logging
import os
import pwd
import shutil
import signal
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import IO

from agent_platform.core.embedded import enter
from agent_platform.core.embedded.folders import EmbeddedServerFailed

log = logging.getLogger(__name__)

SYSTEM_FOLDER = Path("/var/lib/agent-platform")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
LOG_LIMIT_BYTES = 10_000_000


class Way(StrEnum):
    """How a program that refuses root is run."""

    DIRECT = "direct"
    NAMESPACE = "namespace"
    NOBODY = "nobody"


def choose_way() -> Way:
    """An ordinary user starts directly; root by a user namespace, else as `nobody`, and the log says why."""
    if os.geteuid() != 0:
        return Way.DIRECT
    argv = _entering(["/bin/true"], way=Way.NAMESPACE)
    probe = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603 - no input in it
    if probe.returncode == 0:
        return Way.NAMESPACE
    reason = probe.stderr.strip().rpartition("\n")[2]
    log.warning("Postgres runs as user nobody, because this machine refuses a user namespace: %s", reason)
    return Way.NOBODY


def owner_id(way: Way) -> int:
    """The uid that owns the files of a server started this way."""
    return pwd.getpwnam("nobody").pw_uid if way is Way.NOBODY else os.geteuid()


def spawn(argv: list[str], *, way: Way, log_path: Path, death_signal: signal.Signals) -> subprocess.Popen[bytes]:
    """The program runs in its own session and gets `death_signal` if we die. Call from the main thread only."""
    log_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if log_path.exists() and log_path.stat().st_size > LOG_LIMIT_BYTES:
        log_path.unlink()
    with log_path.open("ab") as output:
        return _popen(_entering(argv, way=way, death_signal=death_signal), output)


def give(path: Path, uid: int) -> None:
    """The path and everything below belongs to `uid`; nothing is touched when the path already does."""
    if path.stat().st_uid == uid:
        return
    for folder, _, files in os.walk(path, topdown=False):
        for name in files:
            os.chown(Path(folder) / name, uid, -1, follow_symlinks=False)
        os.chown(folder, uid, -1)
    os.chown(path, uid, -1)  # last, and all there is when it is a file


def require_reachable(path: Path, way: Way) -> None:
    """Raises: EmbeddedServerFailed when `nobody` cannot enter a parent of this path."""
    if way is Way.NOBODY and (closed := _closed_parent(path)):
        raise EmbeddedServerFailed(
            f"As root on this machine Postgres runs as user nobody, who may not enter {closed}. "
            f"Choose a data folder elsewhere, such as AP_DATA_DIR={SYSTEM_FOLDER}/data, or start as an ordinary user."
        )


def reachable_binaries(folder: Path, way: Way) -> Path:
    """The same programs where the server's user may run them: copied once to a system folder if need be."""
    if way is not Way.NOBODY or _closed_parent(folder) is None:
        return folder
    installation = folder.parent.parent  # libraries are found beside it: <installation>.libs
    target = SYSTEM_FOLDER / "programs" / installation.name
    if not (target / folder.parent.name).exists():
        SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True, mode=0o755)
        for source in (installation, installation.with_name(f"{installation.name}.libs")):
            if source.exists():
                shutil.copytree(source, target.with_name(source.name), symlinks=True, dirs_exist_ok=True)
    return target / folder.parent.name / folder.name


def _entering(argv: list[str], *, way: Way, death_signal: signal.Signals = signal.SIGTERM) -> list[str]:
    python = [sys.executable, "-I", "-S", enter.__file__]
    return [*python, way, str(os.getpid()), str(int(death_signal)), *argv]


def _popen(argv: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our programs only
        argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=ENVIRONMENT,
        start_new_session=True,
    )


def _closed_parent(path: Path) -> Path | None:
    uid = owner_id(Way.NOBODY)
    for parent in reversed(path.resolve().parents):
        status = parent.stat()
        if not status.st_mode & (0o100 if status.st_uid == uid else 0o001):
            return parent
    return None
