"""B5: so many runs held at once, each waiting in its own sandbox; memory of each, and none lost."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks.product import Product
from tests.benchmarks.runner import HELD, News, Runner
from tests.benchmarks.tables import say

WANTED = int(os.environ.get("HELD", "2000"))
SECONDS = int(os.environ.get("HELD_SECONDS", "120"))
PER_WORKSPACE = 200
STARTERS = 8
PATIENCE_SECONDS = 900


def measure(product: Product) -> None:
    news = News()
    runners = [Runner(news, source=HELD) for _ in range(-(-WANTED // PER_WORKSPACE))]
    before = product.memory_mib()["sandbox-host"]
    started = time.perf_counter()
    with ThreadPoolExecutor(STARTERS) as pool:
        ids = list(pool.map(lambda number: (runners[number % len(runners)], _start(runners, number)), range(WANTED)))
    accepted = time.perf_counter() - started
    most, memory = _watch(product, runners)
    ended = [runner.end_of(run_id).state for runner, run_id in ids]
    states = {state: ended.count(state) for state in sorted(set(ended))}
    say(
        ("#", "what", "figure"),
        [
            ("B5", "asked for / running at once", f"{WANTED:,} / {most:,}"),
            ("B5", "seconds to accept all", f"{accepted:.0f}"),
            ("B5", "memory of each sandbox, PSS", f"{(memory - before) / max(most, 1):.1f} MiB"),
            ("B5", "how they ended", ", ".join(f"{state} {number:,}" for state, number in states.items())),
        ],
    )


def _start(runners: list[Runner], number: int):
    return runners[number % len(runners)].start(str(SECONDS))


def _watch(product: Product, runners: list[Runner]) -> tuple[int, float]:
    """The most that ran at once, and the memory of all sandboxes at that moment in MiB."""
    most, memory, deadline = 0, 0.0, time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        running = sum(runner.states().get("running", 0) for runner in runners)
        if running > most:
            most, memory = running, product.memory_mib()["sandbox-host"]
        if running < most * 0.9:
            break
        time.sleep(2)
    return most, memory
