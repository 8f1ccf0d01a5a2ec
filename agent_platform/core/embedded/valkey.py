"""Valkey on a loopback port and a socket of the data folder; its append-only file survives a kill."""

import logging
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from agent_platform.core.embedded.binaries import find_valkey
from agent_platform.core.embedded.folders import (
    EmbeddedServerFailed,
    claim_folder,
    last_lines,
    lock_folder,
    remembered_port,
    secret_file,
    socket_folder,
)
from agent_platform.core.embedded.launch import Way, spawn
from agent_platform.core.embedded.server import EmbeddedServer

log = logging.getLogger(__name__)

POLL_SECONDS = 0.02
SLOW_SECONDS = 5.0


class EmbeddedValkey(EmbeddedServer):
    """A start after a kill has the same port, password and data, so clients only reconnect."""

    patience_seconds = 20.0


def start_valkey(
    data_dir: Path, *, durable: bool = True, report: Callable[[str], None] = log.warning
) -> EmbeddedValkey:
    """Answers on return, with the data of last time. `durable=False` is for tests.

    Raises: EmbeddedServerFailed with the server's last words; DataFolderBusy when another process runs on this folder.
    """
    data_dir = data_dir.absolute()
    claim_folder(data_dir)
    lock = lock_folder(data_dir, "valkey")
    try:
        server = _launched(data_dir, durable, lock)
    except BaseException:
        lock.close()
        raise
    try:
        _wait_until_ready(server, report)
    except BaseException:
        server.stop()
        raise
    return server


def _launched(data_dir: Path, durable: bool, lock: TextIO) -> EmbeddedValkey:
    folder = data_dir / "valkey"
    folder.mkdir(exist_ok=True, mode=0o700)
    port = remembered_port(data_dir / "valkey.port")
    password = secret_file(data_dir / "secrets" / "valkey")
    configuration = folder / "valkey.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        "\n".join(
            (
                "bind 127.0.0.1",
                f"port {port}",
                f'unixsocket "{socket_folder(data_dir) / "valkey.sock"}"',
                "unixsocketperm 700",
                f"requirepass {password}",
                f'dir "{folder}"',
                f"appendonly {'yes' if durable else 'no'}",
                "appendfsync everysec",
                'save ""',
                "maxmemory-policy noeviction",
                "",
            )
        ),
        encoding="utf-8",
    )
    log_path = data_dir / "log" / "valkey.log"
    argv = [str(find_valkey()), str(configuration)]
    process = spawn(argv, way=Way.DIRECT, log_path=log_path, death_signal=signal.SIGTERM)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    return EmbeddedValkey(url=url, process=process, port=port, log_path=log_path, lock=lock)


def _wait_until_ready(server: EmbeddedValkey, report: Callable[[str], None]) -> None:
    started = time.monotonic()
    slow = False
    with redis.Redis.from_url(server.url, socket_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
        while not _answers(client):
            if server.process.poll() is not None:
                raise EmbeddedServerFailed(f"Valkey did not start:\n{last_lines(server.log_path)}")
            if not slow and time.monotonic() - started > SLOW_SECONDS:
                slow = True
                report("Valkey is still reading its file of the last run.")
            time.sleep(POLL_SECONDS)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):  # not listening yet, or still loading
        return False
