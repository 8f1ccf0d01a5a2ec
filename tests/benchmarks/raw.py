"""The yardstick: bubblewrap around an isolated Python that prints one word, nothing stored, nothing charged."""

import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BASE = Path(sysconfig.get_config_var("installed_base") or sys.base_prefix)
PYTHON = BASE / "bin" / "python3"


def command() -> list[str]:
    mounts = [("/usr", "/usr"), *((str(BASE), str(BASE)) for _ in [0] if not str(BASE).startswith("/usr"))]
    links = [flag for name in ("lib", "lib64", "bin") for flag in ("--symlink", f"usr/{name}", f"/{name}")]
    binds = [flag for pair in mounts for flag in ("--ro-bind", *pair)]
    return [
        "bwrap",
        "--unshare-all",
        "--die-with-parent",
        *binds,
        *links,
        "--proc",
        "/proc",
        str(PYTHON),
        "-S",
        "-I",
        "-c",
        "print('ok')",
    ]


def once() -> float:
    """Milliseconds of one start to answer."""
    started = time.perf_counter()
    answer = subprocess.run(command(), capture_output=True, check=True).stdout
    assert answer == b"ok\n"
    return (time.perf_counter() - started) * 1000


def in_parallel(number: int, width: int) -> tuple[float, list[float]]:
    """(starts per second, milliseconds each)."""
    started = time.perf_counter()
    with ThreadPoolExecutor(width) as pool:
        times = list(pool.map(lambda _: once(), range(number)))
    return number / (time.perf_counter() - started), times
