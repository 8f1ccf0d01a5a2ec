"""Which parts of this machine a sandbox may read: the Python installation, the libraries it needs, the SDK."""

import compileall
import importlib
import os
import shutil
import ssl
import sys
import sysconfig
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent_platform import sdk

SDK_TARGET = "/opt/ap"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
TOP_LINKS = ("/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
NEEDS_LIBRARIES = ("ssl", "sqlite3", "ctypes", "bz2", "lzma", "zlib", "uuid", "decimal", "curses", "readline")
OPTIONAL = ("/usr/share/zoneinfo", "/usr/lib64", "/lib64")


@dataclass(frozen=True)
class RootFilesystem:
    """`binds`: (source here, path inside), read-only. `links`: (path inside, target). `hidden`: covered by nothing."""

    python: str
    binds: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]


def describe(sdk_copy: Path) -> RootFilesystem:
    """What this interpreter needs inside; the SDK is taken from `sdk_copy`."""
    python = os.path.realpath(sys.executable)
    # Extension modules may lie beside the library (lib64); in a virtual environment get_path("platstdlib") misleads.
    stdlib = {sysconfig.get_path("stdlib"), str(Path(sysconfig.get_config_var("DESTSHARED")).parent)}
    # A path below a top-level link (/lib -> usr/lib) cannot be a mount point; its real one can.
    paths = {
        os.path.realpath(path) for path in {python, *stdlib, *_library_folders(), *OPTIONAL} if Path(path).exists()
    }
    binds = [(path, path) for path in sorted(paths) if not any(_is_below(path, other) for other in paths)]
    site = [f"{folder}/site-packages" for folder in stdlib if Path(folder, "site-packages").is_dir()]
    links = [(link, str(Path(link).readlink())) for link in TOP_LINKS if Path(link).is_symlink()]
    return RootFilesystem(
        python=python,
        binds=(*binds, *_certificates(), (str(sdk_copy), SDK_TARGET)),
        links=tuple(links),
        hidden=tuple(sorted({os.path.realpath(path) for path in site})),
    )


def _certificates() -> tuple[tuple[str, str], ...]:
    """The authorities that this machine trusts, where most programs look for them: agents speak TLS through the broker's tunnel."""
    file = ssl.get_default_verify_paths().cafile
    return ((os.path.realpath(file), CERTIFICATES),) if file else ()


def copy_sdk(target: Path) -> None:
    """`target` holds agent_platform/sdk alone, compiled and readable by every uid."""
    shutil.rmtree(target, ignore_errors=True)
    package = target / "agent_platform" / "sdk"
    package.mkdir(parents=True)
    for source in sorted(Path(sdk.__path__[0]).glob("*.py")):
        (package / source.name).write_bytes(source.read_bytes())
    compileall.compile_dir(target, quiet=2)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _library_folders() -> set[str]:
    for name in NEEDS_LIBRARIES:
        with suppress(ImportError):
            importlib.import_module(name)
    folders = set()
    for line in Path("/proc/self/maps").read_text().splitlines():
        path = line.split(maxsplit=5)[5:]
        if path and path[0].startswith("/") and ".so" in Path(path[0]).name:
            folders.add(str(Path(path[0]).parent))
    return folders


def _is_below(path: str, other: str) -> bool:
    return path.startswith(other + "/")
