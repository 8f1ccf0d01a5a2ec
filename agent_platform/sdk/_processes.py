"""The processes of a container and what the kernel counted for them."""

from __future__ import annotations

import os
import resource
import struct

DUMPABLE, CHILD_SUBREAPER = 4, 36  # Source: linux/prctl.h
NONBLOCK_CLOEXEC = 0o2004000  # Source: signalfd(2), as is the record: number, errno, code and sender first
SIGNAL_SET_BYTES, SIGNAL_RECORD_BYTES = 128, 128
SENT_BY_KILL = 0  # SI_USER: nobody can send another code with a sender of his choice
MEMORY_PEAKS = ("/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes")
OOM_COUNTERS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


def adopt_orphans() -> None:
    """What the runner's children leave behind becomes a child of this process, as it would of a first process."""
    if os.getpid() != 1:
        import ctypes

        ctypes.CDLL(None).prctl(CHILD_SUBREAPER, 1, 0, 0, 0)


def keep_to_ourselves() -> None:
    """Nobody of the same uid can open this process's memory or descriptors under /proc. It ends with the next exec."""
    import ctypes

    ctypes.CDLL(None).prctl(DUMPABLE, 0, 0, 0, 0)


def signal_descriptor(number: int) -> int:
    """Gives a record for each such signal, which must be blocked. Raises: OSError."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.signalfd(
        -1, struct.pack("<Q", 1 << (number - 1)).ljust(SIGNAL_SET_BYTES, b"\0"), NONBLOCK_CLOEXEC
    )
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "there is no descriptor for signals")
    return descriptor


def is_from_outside(record: bytes) -> bool:
    """Whether somebody outside this container sent the signal: seen from a first process, such a sender has no number."""
    _, _, code, sender = struct.unpack_from("=IiiI", record)
    return os.getpid() != 1 or (code, sender) == (SENT_BY_KILL, 0)


def send_all(number: int) -> None:
    """Everything in this container but ourselves gets the signal."""
    if os.getpid() == 1:
        try:
            os.kill(-1, number)  # first of a pid namespace: all others are the agent's
        except ProcessLookupError:
            return
    else:
        for pid in descendants(os.getpid()):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


def descendants(ancestor: int) -> list[int]:
    """Parents before their children."""
    parents = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib costs start-up time
        if name.isdigit():
            text = _text(f"/proc/{name}/stat")
            if text:
                parents[int(name)] = int(text.rpartition(")")[2].split()[1])
    found = [ancestor]
    for member in found:
        found += [pid for pid, parent in parents.items() if parent == member]
    return found[1:]


def usage() -> tuple[int, float, int]:
    """Kills for want of memory, CPU seconds, most bytes of memory; where no cgroup is seen, what the kernel says of children."""
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    kills = next((count for path in OOM_COUNTERS if (count := _member(path, "oom_kill")) is not None), 0)
    peak = next((int(text) for path in MEMORY_PEAKS if (text := _text(path).strip()).isdigit()), own.ru_maxrss * 1024)
    return kills, round(_cpu_seconds() or own.ru_utime + own.ru_stime, 6), peak


def _cpu_seconds() -> float:
    microseconds = _member("/sys/fs/cgroup/cpu.stat", "usage_usec")
    if microseconds is not None:
        return microseconds / 1e6
    nanoseconds = _text("/sys/fs/cgroup/cpuacct/cpuacct.usage").strip()
    return int(nanoseconds) / 1e9 if nanoseconds.isdigit() else 0.0


def _member(path: str, name: str) -> int | None:
    for line in _text(path).splitlines():
        key, _, number = line.partition(" ")
        if key == name and number.isdigit():
            return int(number)
    return None


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - pathlib costs start-up time
            return file.read()
    except OSError:
        return ""
