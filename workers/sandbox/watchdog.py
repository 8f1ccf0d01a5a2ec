"""Where no cgroup holds memory and process count, this looks five times a second."""

import asyncio

from workers.sandbox import tree
from workers.sandbox.box import Box
from workers.sandbox.cgroups import OWN_PIDS
from workers.sandbox.host import Host

PERIOD_SECONDS = 0.2


async def watch_limits(host: Host) -> None:
    """A sandbox past its memory or process limit is killed within a fifth of a second."""
    while True:
        await asyncio.sleep(PERIOD_SECONDS)
        for box in host.claimed():
            if box.group is None and box.attempt and not box.ended:
                _check(host, box)


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
