"""B5: so many runs held at once, each waiting in its own sandbox; memory of each, and none lost.

`held`: they sleep. `waiting`: each waits for the answer of a slow model service, through the broker.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks.product import Product, used_mib
from tests.benchmarks.runner import ASKING, HELD, News, Runner
from tests.benchmarks.slow_model import SlowModel
from tests.benchmarks.tables import say

WANTED = int(os.environ.get("HELD", "2000"))
SECONDS = int(os.environ.get("HELD_SECONDS", "120"))
SLOW_SECONDS = 30
SLOW_PORT = int(os.environ.get("SLOW_PORT", "5690"))
NETWORK = f"""permissions:
  network: [{{host: "${{input.text}}", ports: [{SLOW_PORT}], methods: [POST], why: Asks the model.}}]
"""
PER_WORKSPACE = 200
STARTERS = 8
PATIENCE_SECONDS = 900


def measure(_product: Product) -> None:
    _hold(_runners(HELD), str(SECONDS))


def measure_waiting(_product: Product) -> None:
    model = SlowModel(SLOW_PORT, WANTED, SLOW_SECONDS)
    _hold(
        _runners(ASKING, said=", format: uri", rest=NETWORK),
        f"http://127.0.0.1:{SLOW_PORT}/v1/chat/completions",
    )
    say(
        ("#", "what", "figure"),
        [("B5", "asked the model / waited for it at once", f"{model.asked:,} / {model.most_waiting:,}")],
    )


def _runners(source: str, **manifest: str) -> list[Runner]:
    news = News()
    return [Runner(news, source=source, **manifest) for _ in range(-(-WANTED // PER_WORKSPACE))]


def _hold(runners: list[Runner], said: str) -> None:
    before = used_mib()
    started = time.perf_counter()
    with ThreadPoolExecutor(STARTERS) as pool:
        mine = [runners[number % len(runners)] for number in range(WANTED)]
        ids = list(zip(mine, pool.map(lambda runner: runner.start(said), mine), strict=True))
    accepted = time.perf_counter() - started
    most, after, memory = _watch(runners, started)
    ended = [runner.end_of(run_id) for runner, run_id in ids]
    for runner, run_id in [pair for pair, run in zip(ids, ended, strict=True) if run.state != "succeeded"][:3]:
        print(runner.why(run_id))
    say(
        ("#", "what", "figure"),
        [
            ("B5", "asked for / running at once", f"{WANTED:,} / {most:,}"),
            ("B5", "seconds to accept all / until the most ran", f"{accepted:.0f} / {after:.0f}"),
            (
                "B5",
                "memory of each, everything that the machine needs for it",
                f"{(memory - before) / max(most, 1):.1f} MiB",
            ),
            ("B5", "how they ended", _tally(ended)),
        ],
    )


def _tally(ended: list) -> str:
    kinds = [f"{run.state} {run.failure_code or ''}".strip() for run in ended]
    return ", ".join(f"{kind} {kinds.count(kind):,}" for kind in sorted(set(kinds)))


def _watch(runners: list[Runner], started: float) -> tuple[int, float, float]:
    """The most that ran at once, after how many seconds, and the machine's memory in use at that moment in MiB.

    Of the machine, because reading the share of each of ten thousand processes takes a processor for itself.
    """
    most, after, memory, deadline = 0, 0.0, 0.0, time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        running = sum(runner.states().get("running", 0) for runner in runners)
        if running > most:
            most, after, memory = running, time.perf_counter() - started, used_mib()
        if running < most * 0.9:
            break
        time.sleep(2)
    return most, after, memory
