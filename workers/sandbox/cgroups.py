"""Limits that the kernel holds for a whole sandbox; version 1 and 2, whichever controls memory here.

Source: Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst.
"""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PERIOD_MICROSECONDS = 100_000
# bwrap's monitor, its init, the runner and its flush thread.
OWN_PIDS = 4
NEEDED = ("memory", "pids")
USED = frozenset({*NEEDED, "cpu", "cpuacct"})


class Share(NamedTuple):
    """How much of a busy processor a group gets beside others: cpu.shares of version 1, cpu.weight of version 2."""

    shares: int
    weight: int


BOOTING = Share(64, 6)  # for the pool, in nobody's way
EXPECTED = Share(4096, 400)  # somebody waits for it
LONG_RUNNING = Share(128, 12)
# Beside what runs at the root of the controllers: a quarter of one process there (version 1), of one slice (2). That is the
# platform, for which every run waits.
ALL_TOGETHER = Share(256, 25)


def share_of_nth(number: int) -> Share:
    """Of a run that begins as the nth of its tenant: together a crowd gets little more than one would."""
    return Share(
        max(EXPECTED.shares // number, LONG_RUNNING.shares), max(EXPECTED.weight // number, LONG_RUNNING.weight)
    )


@dataclass(frozen=True)
class Group:
    """The cgroup of one sandbox, or of all: one folder per controller (version 1) or the same for all (version 2)."""

    folders: dict[str, Path]
    unified: bool

    def create(self) -> None:
        for folder in set(self.folders.values()):
            folder.mkdir(exist_ok=True)
        self.give(BOOTING)

    def give(self, share: Share) -> None:
        """Among busy groups beside it this one has that share from now on."""
        if "cpu" in self.folders:
            self._write("cpu", *(("cpu.weight", share.weight) if self.unified else ("cpu.shares", share.shares)))

    def limit(self, *, memory_bytes: int, pids: int, cpu: float) -> None:
        """The kernel holds these from now on. Raises: OSError when one cannot be set."""
        if self.unified:
            self._write("memory", "memory.max", memory_bytes)
            with suppress(FileNotFoundError):
                self._write("memory", "memory.swap.max", 0)
        else:
            self._limit_memory_v1(memory_bytes)
        self._write("pids", "pids.max", pids + OWN_PIDS)
        if "cpu" in self.folders:
            self._limit_cpu(int(cpu * PERIOD_MICROSECONDS))

    def join_paths(self) -> list[str]:
        """Writing `0` to each of these moves the writer in."""
        return sorted(str(folder / "cgroup.procs") for folder in set(self.folders.values()))

    def oom_kills(self) -> int:
        """How often the kernel killed for want of memory here."""
        name = "memory.events" if self.unified else "memory.oom_control"
        with suppress(OSError):
            found = re.search(r"^oom_kill (\d+)", (self.folders["memory"] / name).read_text(), re.MULTILINE)
            return int(found[1]) if found else 0
        return 0

    def refused_pids(self) -> int:
        """How often the kernel refused a process or thread here."""
        with suppress(OSError):
            found = re.search(r"^max (\d+)", (self.folders["pids"] / "pids.events").read_text(), re.MULTILINE)
            return int(found[1]) if found else 0
        return 0

    def peak_memory_bytes(self) -> int:
        name = "memory.peak" if self.unified else "memory.max_usage_in_bytes"
        with suppress(OSError, ValueError):
            return int((self.folders["memory"] / name).read_text())
        return 0

    def cpu_seconds(self) -> float | None:
        """None where the kernel does not count it for a group."""
        with suppress(OSError, KeyError):
            if not self.unified:
                return int((self.folders["cpuacct"] / "cpuacct.usage").read_text()) / 1e9
            found = re.search(r"^usage_usec (\d+)", (self.folders["cpu"] / "cpu.stat").read_text(), re.MULTILINE)
            return int(found[1]) / 1e6 if found else None
        return None

    def pids(self) -> list[int]:
        with suppress(OSError):
            return [int(pid) for pid in (self.folders["pids"] / "cgroup.procs").read_text().split()]
        return []

    def remove(self) -> bool:
        """True when no folder is left; false while something still dies in there."""
        gone = True
        for folder in set(self.folders.values()):
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                gone = False
        return gone

    def _limit_memory_v1(self, memory_bytes: int) -> None:
        # With swap accounting the sum may never be below the part, whichever way the limit moves.
        for _ in range(2):
            for name in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"):
                with suppress(FileNotFoundError, OSError):
                    self._write("memory", name, memory_bytes)
        self._write("memory", "memory.limit_in_bytes", memory_bytes)

    def _limit_cpu(self, quota: int) -> None:
        if self.unified:
            self._write("cpu", "cpu.max", f"{quota} {PERIOD_MICROSECONDS}")
        else:
            self._write("cpu", "cpu.cfs_quota_us", quota)

    def _write(self, controller: str, name: str, value: object) -> None:
        descriptor = os.open(self.folders[controller] / name, os.O_WRONLY)
        try:
            os.write(descriptor, str(value).encode())
        finally:
            os.close(descriptor)


@dataclass(frozen=True)
class Hierarchy:
    """Where this installation's groups live."""

    parents: dict[str, Path]
    unified: bool

    def group(self, name: str) -> Group:
        return Group({controller: parent / name for controller, parent in self.parents.items()}, self.unified)

    def leave(self) -> None:
        """Our own folders are gone, unless something is still in them."""
        for parent in set(self.parents.values()):
            with suppress(OSError):
                parent.rmdir()


def open_hierarchy(installation: str) -> Hierarchy | None:
    """Our own folder in each controller, ready for groups; None when this process may not make them."""
    mounts = _mounts()
    for unified in (False, True):
        roots = mounts[unified]
        if not all(name in roots for name in NEEDED):
            continue
        parents = {name: root / f"agent-platform-{installation}" for name, root in roots.items()}
        hierarchy = Hierarchy(parents, unified)
        with suppress(OSError):
            _prepare(hierarchy, roots)
            return hierarchy
    return None


def _prepare(hierarchy: Hierarchy, roots: dict[str, Path]) -> None:
    wanted = " ".join(f"+{name}" for name in roots)
    for name, parent in hierarchy.parents.items():
        if hierarchy.unified:
            (roots[name] / "cgroup.subtree_control").write_text(wanted)
        parent.mkdir(exist_ok=True)
        if hierarchy.unified:
            (parent / "cgroup.subtree_control").write_text(wanted)
    with suppress(OSError):  # a folder made by somebody else: a share is a courtesy, the limits below are not
        Group(hierarchy.parents, hierarchy.unified).give(ALL_TOGETHER)
    trial = hierarchy.group("trial")
    trial.create()
    try:
        trial.limit(memory_bytes=1 << 30, pids=10, cpu=1)
    finally:
        trial.remove()


def _mounts() -> dict[bool, dict[str, Path]]:
    """Controller -> mount point, for version 1 (False) and 2 (True)."""
    found: dict[bool, dict[str, Path]] = {False: {}, True: {}}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        point = Path(before.split(" ")[4])
        if kind == "cgroup":
            found[False] |= {name: point for name in options.split(",") if name in USED}
        elif kind == "cgroup2":
            with suppress(OSError):
                controllers = (point / "cgroup.controllers").read_text().split()
                found[True] |= {name: point for name in controllers if name in USED}
    return found
