"""G12, B4: one workspace queues very many runs; how long does another wait for its first? `python -m tests.faults.scripts.crowd --runs 10000`"""

import argparse
import signal
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.product import build_front
from tests.faults.installation import Installation
from tests.faults.load import Kind, Tenant, accept, look
from tests.faults.witness import Witness
from tests.faults.world import World, open_world

ECHO = Kind("echo", "echo", {"text": "hello"}, cap_micro_usd=10_000)
MANY = Kind("many", "counter", {"numbers": 2, "pause_ms": 60_000}, cap_micro_usd=10_000)  # they hold their places
CLIENTS = 8
TRIES = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="crowd", description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    number = parser.parse_args().runs
    if why := build_front():
        print(f"The front end cannot be built: {why}")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left behind then either
    installation = Installation()
    try:
        installation.start()
        with open_world(installation) as world:
            _measure(world, number)
    finally:
        installation.remove()
    return 0


def _measure(world: World, number: int) -> None:
    quiet, loud = world.tenant(), world.tenant()
    idle = [_start_seconds(world, quiet) for _ in range(TRIES)]
    began = time.monotonic()
    witness = Witness()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(lambda _: accept(witness, loud, world.publisher, MANY), range(number)))
    took = time.monotonic() - began
    beside = [_start_seconds(world, quiet) for _ in range(TRIES)]
    print(
        f"{number:,} runs of one workspace accepted in {took:.0f} s ({number / took:.0f}/s), {world.checker.open_runs():,} still open"
    )
    for name, values in (("idle", idle), ("beside them", beside)):
        print(f"another workspace's start, {name}: p50 {statistics.median(values):.2f} s, most {max(values):.2f} s")
    wrong = [found for found in world.checker.differences(witness) if found.kind in NEVER]
    print(f"differences that may not be at any moment: {len(wrong)} {wrong[:3]}")


NEVER = {
    "accepted run lost",
    "accepted run changed",
    "key answered with two runs",
    "account not balanced",
    "slots counted wrong",
}


def _start_seconds(world: World, tenant: Tenant) -> float:
    witness = Witness()
    seen = accept(witness, tenant, world.publisher, ECHO)
    while (run := look(witness, seen)).finished_at is None:
        time.sleep(0.02)
    return (run.started_at - run.queued_at).total_seconds()


if __name__ == "__main__":
    sys.exit(main())
