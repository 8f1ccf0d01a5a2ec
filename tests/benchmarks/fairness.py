"""B4: another workspace's latency beside one that keeps 64 runs going. G12: beside one that has thousands waiting."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks.product import Product
from tests.benchmarks.runner import News, Runner
from tests.benchmarks.tables import quantile, say

ALONE, WIDTH = 40, 64
QUEUED = int(os.environ.get("QUEUED", "10000"))
STARTERS = 8


def measure(_product: Product) -> None:
    news = News()
    loud, quiet = Runner(news), Runner(news)
    for runner in (loud, quiet):
        for _ in range(5):
            runner.once()
    idle = [quiet.once() for _ in range(ALONE)]
    beside = _beside(loud, quiet)
    first, accepted = _behind_a_queue(loud, quiet)
    say(
        ("#", "what", "idle", "beside", "ratio"),
        [
            ("B4", f"c=1, p50 ms, beside another workspace's c={WIDTH}", f"{quantile(idle, 0.5):.0f}",
             f"{quantile(beside, 0.5):.0f}", f"{quantile(beside, 0.5) / quantile(idle, 0.5):.2f}"),
            ("G12", f"first run, ms, while another workspace has {accepted:,} waiting", f"{quantile(idle, 0.5):.0f}",
             f"{first:.0f}", f"{first / quantile(idle, 0.5):.2f}"),
        ],
    )  # fmt: skip


def _beside(loud: Runner, quiet: Runner) -> list[float]:
    over = threading.Event()

    def keep_going() -> None:
        while not over.is_set():
            loud.once()

    with ThreadPoolExecutor(WIDTH) as pool:
        for _ in range(WIDTH):
            pool.submit(keep_going)
        time.sleep(5)
        times = [quiet.once() for _ in range(ALONE)]
        over.set()
    return times


def _behind_a_queue(loud: Runner, quiet: Runner) -> tuple[float, int]:
    """Milliseconds of the quiet workspace's first run, and how many of the loud one's had been accepted by then."""
    with ThreadPoolExecutor(STARTERS) as pool:
        ids = list(pool.map(lambda _: loud.start("x"), range(QUEUED)))
    took = quiet.once()
    return took, len(ids)
