"""What an earlier daemon left: its sandboxes died with it, their traces are removed, their attempts are lost."""

import signal
import time

from workers.sandbox import tree
from workers.sandbox.attempt import recovered
from workers.sandbox.cgroups import Hierarchy
from workers.sandbox.host import Host
from workers.sandbox.records import Records

PATIENCE_SECONDS = 5.0
PAUSE_SECONDS = 0.02


def clean_up(records: Records, hierarchy: Hierarchy | None) -> None:
    """No process or cgroup that an earlier daemon recorded is left. Only recorded ones are touched."""
    for name, box in records.boxes().items():
        # A pid alone may belong to another process by now; with its start time it cannot.
        if tree.start_time(box["pid"]) == box["started"]:
            tree.kill_sandbox(box["pid"])
        if hierarchy and box["grouped"]:
            _remove_group(hierarchy, name)
        records.forget_box(name)


def adopt_attempts(records: Records, host: Host) -> None:
    for report in records.runs().values():
        host.adopt(recovered(report))


def _remove_group(hierarchy: Hierarchy, name: str) -> None:
    group = hierarchy.group(name)
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not group.remove() and time.monotonic() < give_up_at:
        tree.send(group.pids(), signal.SIGKILL)
        time.sleep(PAUSE_SECONDS)
