"""B1, B2, B3: a small run from click to stored result, beside the raw sandbox, in turns."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks import raw
from tests.benchmarks.product import Product
from tests.benchmarks.runner import News, Runner
from tests.benchmarks.tables import differences, quantile, say

ROUNDS = 3
ALONE, TOGETHER, WIDTH = 60, 300, 64


def measure(product: Product) -> None:
    news = News()
    rounds = [_round(product, Runner(news)) for _ in range(ROUNDS)]
    figures = {name: statistics.median(one[name] for one in rounds) for name in rounds[0] if name != "cpu"}
    say(
        ("#", "what", "raw sandbox", "ours", "ratio"),
        [
            _row("B1", "run latency, c=1, p50 ms", figures["raw p50"], figures["p50"]),
            _row("B1", "run latency, c=1, p99 ms", figures["raw p99"], figures["p99"]),
            _row("B2", f"per second, c={WIDTH}", figures["raw rate"], figures["rate"]),
            ("B3", f"c={WIDTH}, p50 / p99 ms", "", f"{figures['wide p50']:.0f} / {figures['wide p99']:.0f}",
             f"{figures['wide p99'] / figures['wide p50']:.2f}"),
        ],
    )  # fmt: skip
    print("\nProcessor ms per run at c=64: " + "; ".join(one["cpu"] for one in rounds))
    print("Rounds, runs per second: " + ", ".join(f"{one['rate']:.1f} of {one['raw rate']:.1f}" for one in rounds))


def _round(product: Product, runner: Runner) -> dict:
    for _ in range(10):
        runner.once()
    raw_alone, our_alone = [], []
    for _ in range(ALONE // 10):
        raw_alone += [raw.once() for _ in range(10)]
        our_alone += [runner.once() for _ in range(10)]
    raw_rate, _ = raw.in_parallel(TOGETHER, WIDTH)
    before, own_before = product.cpu_ms(), time.process_time()
    started = time.perf_counter()
    with ThreadPoolExecutor(WIDTH) as pool:
        together = list(pool.map(lambda _: runner.once(), range(TOGETHER)))
    rate = TOGETHER / (time.perf_counter() - started)
    client = (time.process_time() - own_before) * 1000 / TOGETHER
    return {
        "raw p50": quantile(raw_alone, 0.5),
        "raw p99": quantile(raw_alone, 0.99),
        "p50": quantile(our_alone, 0.5),
        "p99": quantile(our_alone, 0.99),
        "raw rate": raw_rate,
        "rate": rate,
        "wide p50": quantile(together, 0.5),
        "wide p99": quantile(together, 0.99),
        "cpu": f"{differences(before, product.cpu_ms(), TOGETHER)} and {client:.1f} in the client that accepts and reads",
    }


def _row(number: str, what: str, raw_figure: float, ours: float) -> tuple[str, ...]:
    return number, what, f"{raw_figure:.1f}", f"{ours:.1f}", f"{ours / raw_figure:.2f}"
