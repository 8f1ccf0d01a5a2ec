"""The data folder: whose it is, who uses it now, its secrets, its ports and its sockets."""

import fcntl
import os
import pwd
import random
import secrets
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from agent_platform.core.errors import Unavailable
from agent_platform.core.settings import run_dir_of

PORTS = range(
    20_000, 32_000
)  # below the range of outgoing connections, which could take a port while its server is down
PORT_PATIENCE_SECONDS = 5.0


class EmbeddedServerFailed(Unavailable):
    code = "embedded_server_failed"


class DataFolderBusy(EmbeddedServerFailed):
    code = "data_folder_busy"

    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(
            f"The data folder {folder} is in use by process {pid or 'unknown'}. "
            "Stop that one first (Ctrl-C), or choose another folder with AP_DATA_DIR=..."
        )


def claim_folder(folder: Path) -> None:
    """The folder exists, private to us. Raises: EmbeddedServerFailed when it belongs to another user."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise EmbeddedServerFailed(
            f"The data folder {folder} belongs to {_user_name(owner)}, but this was started by "
            f"{_user_name(os.geteuid())}. Start it as {_user_name(owner)}, or choose another folder with AP_DATA_DIR=..."
        )


def lock_folder(folder: Path, name: str) -> TextIO:
    """The lock file, ours until it is closed. Raises: DataFolderBusy with the pid that holds it."""
    file = (folder / f"{name}.lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        pid = file.read().strip()
        file.close()
        raise DataFolderBusy(folder, pid) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def secret_file(path: Path) -> str:
    """The secret in this file, which only its owner reads; generated at the first call."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileNotFoundError):
        if text := path.read_text(encoding="ascii").strip():
            return text
    text = secrets.token_urlsafe(32)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
    return text


def remembered_port(path: Path) -> int:
    """A free loopback port, the same as last time whenever that one becomes free within seconds."""
    with suppress(FileNotFoundError, ValueError):
        port = int(path.read_text(encoding="ascii"))
        if _becomes_free(port):
            return port
    port = next(port for port in random.sample(PORTS, len(PORTS)) if is_free(port))
    path.write_text(str(port), encoding="ascii")
    return port


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def socket_folder(data_dir: Path) -> Path:
    """A private folder for sockets whose path is short enough (107 bytes). Raises: EmbeddedServerFailed if not ours."""
    folder = run_dir_of(data_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = folder.lstat()
    if status.st_uid != os.geteuid() or folder.is_symlink():
        raise EmbeddedServerFailed(f"The folder {folder} belongs to someone else. Remove it, or set AP_DATA_DIR=...")
    return folder


def last_lines(path: Path, count: int = 5) -> str:
    with suppress(FileNotFoundError):
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
    return ""


def _becomes_free(port: int) -> bool:
    give_up_at = time.monotonic() + PORT_PATIENCE_SECONDS
    while not is_free(port):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


def _user_name(uid: int) -> str:
    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user id {uid}"
