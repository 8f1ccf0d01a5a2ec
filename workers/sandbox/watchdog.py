"""Looks at running sandboxes five times a second: for limits that no cgroup holds, and for those that have had their turn."""

import asyncio
from itertools import count

from workers.sandbox import tree
from workers.sandbox.box import Box
from workers.sandbox.cgroups import OWN_PIDS
from workers.sandbox.host import Host

PERIOD_SECONDS = 0.2
ROUND = 10  # looks until each sandbox was asked what it has used: thousands wait and use nothing
LONG_CPU_SECONDS = 1.0


async def watch_limits(host: Host) -> None:
    """A sandbox past its memory or process limit is killed within a fifth of a second, one that computes for long steps back."""
    for look in count():
        await asyncio.sleep(PERIOD_SECONDS)
        claimed = host.claimed()
        for box in claimed:
            if box.group is None and box.attempt and not box.ended:
                _check(host, box)
        for box in claimed[look % ROUND :: ROUND]:
            if box.group and not (box.ended or box.is_long_running) and box.cpu_seconds() > LONG_CPU_SECONDS:
                box.step_back()


def _check(host: Host, box: Box) -> None:
    attempt = box.attempt
    if attempt is None:
        return
    pids = tree.descendants(box.init)
    allowed = int(attempt.limits["pids"]) + OWN_PIDS
    if len(pids) > allowed:
        host.stop_excess(box, f"More than {allowed} processes.", memory=False)
    elif tree.memory_bytes(pids, attempt.memory_bytes) > attempt.memory_bytes:
        host.stop_excess(box, f"More than {attempt.limits['memory_mb']} MiB of memory.", memory=True)
