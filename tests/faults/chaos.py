"""`make chaos`: a steady load on an installation of its own, faults by chance, then the checker and a table. Exit code 1 on any difference."""

import argparse
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from tests.e2e.product import build_front
from tests.faults.checker import Difference
from tests.faults.installation import Installation, settled_down
from tests.faults.load import Load
from tests.faults.mischief import Fault, befall
from tests.faults.witness import Witness
from tests.faults.world import World, open_world

PAUSES_SECONDS = (3.0, 10.0)
TENANTS = 3
CLIENTS = 12
FOLLOW_SECONDS = 240
KEPT = Path("test-results/chaos.log")


def main() -> int:
    options = _parse()
    if why := build_front():
        print(f"The front end cannot be built: {why}")
        return 2
    print(f"seed {options.seed}, {options.minutes:g} minutes")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left behind then either
    installation = Installation()
    try:
        installation.start()
        with open_world(installation) as world:
            wrong = _chaos(world, options.seed, options.minutes * 60)
        installation.stop()
    finally:
        KEPT.parent.mkdir(exist_ok=True)
        KEPT.write_text(installation.output(), encoding="utf-8")
        installation.remove()
    return 1 if wrong else 0


def _chaos(world: World, seed: int, seconds: float) -> bool:
    witness = Witness()
    load = Load(witness, [world.tenant() for _ in range(TENANTS)], world.publisher, clients=CLIENTS, seed=seed)
    load.start()
    faults = _make_faults(world.installation, random.Random(seed), time.monotonic() + seconds)
    waiting = load.stop(FOLLOW_SECONDS)
    found = world.verdict(witness)
    left = settled_down(world.installation)
    deadlocks = world.installation.complaints("deadlock detected")
    _print(witness, faults, found)
    for text in (*load.surprises, *left):
        print(f"  {text}")
    print(f"runs given up after three lost attempts, refunded: {len(load.given_up)}")
    counts = {
        "clients still waiting": waiting,
        "surprises": len(load.surprises),
        "left behind": len(left),
        "deadlocks": deadlocks,
    }
    print(", ".join(f"{what}: {number}" for what, number in counts.items()))
    return bool(found) or any(counts.values())


def _make_faults(installation: Installation, choice: random.Random, until: float) -> list[Fault]:
    faults: list[Fault] = []
    while time.monotonic() < until:
        time.sleep(choice.uniform(*PAUSES_SECONDS))
        fault = befall(installation, choice)
        if fault:
            faults.append(fault)
            print(f"{time.strftime('%X')} {fault.name}", flush=True)
    return faults


def _print(witness: Witness, faults: list[Fault], found: list[Difference]) -> None:
    recovery: dict[str, float] = {}
    for fault in faults:
        recovery[fault.name] = max(recovery.get(fault.name, 0.0), witness.recovery_seconds(fault.began))
    print("\n| fault | times | longest recovery, s |\n|---|---|---|")
    for name, times in sorted(Counter(fault.name for fault in faults).items()):
        print(f"| {name} | {times} | {recovery[name]:.1f} |")
    print("\n| runs | number |\n|---|---|")
    print(f"| accepted | {len(witness.runs)} |")
    for state, number in witness.by_state().items():
        print(f"| {state} | {number} |")
    for kind, number in sorted(witness.refused.items()):
        print(f"| answers with {kind}, asked again | {number} |")
    print(f"| longest recovery, s | {max(recovery.values(), default=0.0):.1f} |")
    print(f"| differences | {len(found)} |\n")
    for difference in found:
        print(f"  {difference.kind}: {difference.found}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
