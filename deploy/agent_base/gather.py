"""Copies one Python installation, the libraries it loads and the SDK into an empty folder: the whole file system of an agent.

Usage: gather.py FOLDER SDK. No shell, no package manager and no third-party module comes along.
"""

import compileall
import os
import re
import shutil
import ssl
import subprocess
import sys
import sysconfig
from itertools import chain
from pathlib import Path
from py_compile import PycInvalidationMode

LEFT_OUT = (
    "site-packages",
    "dist-packages",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "test",
    "tests",
    "tkinter",
    "turtledemo",
    "__pycache__",
)
LOADERS = ("lib64/ld-linux-*.so.*", "lib/ld-linux-*.so.*", "lib/ld-musl-*.so.*")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
USEFUL = (CERTIFICATES, "/usr/share/zoneinfo")
SDK_HOME = "/opt/ap"
INTERPRETER = "/usr/bin/python3"
PEOPLE = {"etc/passwd": "nobody:x:65534:65534::/work:/nonexistent\n", "etc/group": "nogroup:x:65534:\n"}
WRITTEN = ("agent", "work")
MOUNTS = ("agent", "work", "run/ap", "run/control", "proc", "sys", "dev")


def main(root: Path, sdk: Path) -> None:
    """`root` is complete; what drivers mount over is an empty folder."""
    python = os.path.realpath(sys.executable)
    stdlib = set(filter(os.path.isdir, (sysconfig.get_path("stdlib"), sysconfig.get_config_var("LIBDEST"))))
    for folder in stdlib:
        _copy_tree(root, Path(folder))
    extensions = [str(path) for folder in stdlib for path in Path(folder).rglob("*.so") if _is_kept(path)]
    for library in _libraries([python, *extensions]):
        _copy(root, library)
    _copy(root, python)
    _link(root, INTERPRETER, python)
    _link(root, ssl.get_default_verify_paths().openssl_cafile, CERTIFICATES)
    for path in filter(os.path.exists, USEFUL):
        (_copy_tree if Path(path).is_dir() else _copy)(root, Path(path))
    _lay_out_sdk(root, sdk, Path(sysconfig.get_path("stdlib")))
    # By content, not by time: the same sources make the same files. An image built upon this one may replace a module of the SDK.
    _compile(root, root, PycInvalidationMode.UNCHECKED_HASH)
    _compile(root, root / SDK_HOME.lstrip("/"), PycInvalidationMode.CHECKED_HASH)
    for name, text in PEOPLE.items():
        _below(root, name).write_text(text, encoding="ascii")
    for name in MOUNTS:
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in WRITTEN:
        (root / name).chmod(0o1777)  # an engine gives a mount the mode of the folder below it
    _link(root, "/tmp", "work/.tmp")  # noqa: S108 - one sized file system for both bounds what an agent writes


def _lay_out_sdk(root: Path, sdk: Path, stdlib: Path) -> None:
    """Importable in isolated mode too (`python3 -I -S -m agent_platform.sdk...`), which reads no other folder than the library's."""
    package = root / SDK_HOME.lstrip("/") / "agent_platform"
    shutil.copytree(sdk, package / "sdk", ignore=shutil.ignore_patterns("__pycache__"))
    _link(root, str(stdlib / "agent_platform"), f"{SDK_HOME}/agent_platform")


def _compile(root: Path, folder: Path, mode: PycInvalidationMode) -> None:
    compileall.compile_dir(folder, maxlevels=20, force=True, quiet=2, stripdir=str(root), invalidation_mode=mode)


def _libraries(binaries: list[str]) -> set[str]:
    """What the loader would load for these, and the loader itself, which is asked: ldd wants a shell."""
    loader = next(str(path) for pattern in LOADERS for path in Path("/").glob(pattern))
    return {loader, *chain.from_iterable(_told(loader, binary) for binary in binaries)}


def _told(loader: str, binary: str) -> list[str]:
    done = subprocess.run([loader, "--list", binary], capture_output=True, text=True, check=False)  # noqa: S603 - paths of this image
    return re.findall(r"^\t(?:\S+ => )?(/\S+) \(0x", done.stdout, flags=re.MULTILINE)


def _copy_tree(root: Path, folder: Path) -> None:
    if not _below(root, folder).exists():
        shutil.copytree(
            folder,
            _below(root, folder),
            symlinks=True,
            ignore=shutil.ignore_patterns(*LEFT_OUT),
            ignore_dangling_symlinks=True,
        )


def _copy(root: Path, path: str | Path) -> None:
    """The file lies at the same path; a path through a link (/lib64) becomes a real folder."""
    target = _below(root, path)
    if not target.exists():
        shutil.copy2(os.path.realpath(path), target)


def _link(root: Path, path: str, target: str) -> None:
    place = _below(root, path)
    if not place.exists():
        place.symlink_to(target)


def _below(root: Path, path: str | Path) -> Path:
    target = root / str(path).lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _is_kept(path: Path) -> bool:
    return not set(path.parts) & set(LEFT_OUT)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
