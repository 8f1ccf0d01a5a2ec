"""B4: another workspace's latency beside one that keeps 64 runs going. G12: beside one that has thousands waiting."""

import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Event

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
    beside = _beside(quiet)
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


def _beside(quiet: Runner) -> list[float]:
    """The other workspace's client is a process of its own: else one would wait for the other's Python, and not for the platform."""
    fresh = multiprocessing.get_context("spawn")
    begun, over = fresh.Event(), fresh.Event()
    loud = fresh.Process(target=_keep_busy, args=(begun, over))
    loud.start()
    begun.wait(60)
    time.sleep(5)
    times = [quiet.once() for _ in range(ALONE)]
    over.set()
    loud.join()
    return times


def _keep_busy(begun: Event, over: Event) -> None:
    runner = Runner(News())
    runner.once()
    begun.set()

    def keep_going() -> None:
        while not over.is_set():
            runner.once()

    with ThreadPoolExecutor(WIDTH) as pool:
        for _ in range(WIDTH):
            pool.submit(keep_going)


def _behind_a_queue(loud: Runner, quiet: Runner) -> tuple[float, int]:
    """Milliseconds of the quiet workspace's first run, and how many of the loud one's had been accepted by then."""
    with ThreadPoolExecutor(STARTERS) as pool:
        ids = list(pool.map(lambda _: loud.start("x"), range(QUEUED)))
    took = quiet.once()
    return took, len(ids)
