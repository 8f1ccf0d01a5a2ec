"""Processes as /proc shows them: who they are, whose children, how much memory they hold."""

import os
import signal
from contextlib import suppress
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
START_TIME_FIELD = 22


def start_time(pid: int) -> int:
    """When the process started, in clock ticks since boot; with the pid it names one process for ever. 0: it is gone."""
    fields = _stat(pid)
    return int(fields[START_TIME_FIELD - 3]) if fields else 0


def children(pid: int) -> list[int]:
    try:
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        # The kernel was built without CONFIG_PROC_CHILDREN, or the process is gone.
        return [other for other in _all() if (fields := _stat(other)) and int(fields[1]) == pid]
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    """Parents before their children."""
    found = [pid]
    for member in found:
        found += children(member)
    return found[1:]


def memory_bytes(pids: list[int], limit: int) -> int:
    """What the processes hold: resident size while that is below `limit`, else each shared page's part only."""
    resident = sum(_resident(pid) for pid in pids)
    return resident if resident <= limit else sum(_proportional(pid) for pid in pids)


def send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def kill_sandbox(monitor: int) -> None:
    """Everything below `monitor` (bwrap) dies, as its pid namespace's first process dies, and `monitor` with it."""
    # Stopped first: otherwise it could start that process after we looked for it.
    send([monitor], signal.SIGSTOP)
    firsts = children(monitor)
    send(firsts, signal.SIGKILL)
    # With its child dead it reaps it and ends; killed itself, it would leave a zombie to the machine's init.
    send([monitor], signal.SIGCONT if firsts else signal.SIGKILL)


def _resident(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    return 0


def _proportional(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return _resident(pid)


def _stat(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def _all() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
