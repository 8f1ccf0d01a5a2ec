"""`make bench`: B1, B2, B13, B16, B17 beside the raw sandbox of the same minutes. Prints a table for docs/benchmarks.md."""

import os
import platform
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from tests.benchmarks import raw
from tests.benchmarks.product import Product, Runner
from tests.benchmarks.weights import page_weights

PORT = int(os.environ.get("PORT", "3000"))
WARM = 16
ROUNDS = 3
ALONE, TOGETHER, WIDTH = 60, 300, 64
PAGES = ("/", "/agents", "/agents/openworks/data-profiler", "/sign-in")


def main() -> None:
    product = Product(PORT, WARM)
    try:
        first = product.start()
        product.wait_until_seeded()
        product.stop()
        second = product.start()
        time.sleep(10)
        memory = product.memory_mib()
        weights = page_weights(f"http://localhost:{PORT}", PAGES)
        product.use_here()
        rounds = [_round(Runner()) for _ in range(ROUNDS)]
    finally:
        product.stop()
        product.remove()
    _print(first, second, memory, weights, rounds)


def _round(runner: Runner) -> dict[str, float]:
    """Raw and ours in turns, so that whatever else the machine does meets both."""
    for _ in range(5):
        runner.once()
    raw_alone, our_alone = [], []
    for _ in range(ALONE // 10):
        raw_alone += [raw.once() for _ in range(10)]
        our_alone += [runner.once() for _ in range(10)]
    raw_rate, _ = raw.in_parallel(TOGETHER, WIDTH)
    before = time.process_time()
    started = time.perf_counter()
    with ThreadPoolExecutor(WIDTH) as pool:
        together = list(pool.map(runner.once, range(TOGETHER)))
    rate = TOGETHER / (time.perf_counter() - started)
    return {
        "raw p50": _quantile(raw_alone, 0.5),
        "raw p99": _quantile(raw_alone, 0.99),
        "p50": _quantile(our_alone, 0.5),
        "p99": _quantile(our_alone, 0.99),
        "raw/s": raw_rate,
        "runs/s": rate,
        "c64 p50": _quantile(together, 0.5),
        "c64 p99": _quantile(together, 0.99),
        "client cpu ms/run": (time.process_time() - before) * 1000 / TOGETHER,
    }


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _print(
    first: float,
    second: float,
    memory: dict[str, float],
    weights: dict[str, tuple[float, float, int]],
    rounds: list[dict[str, float]],
) -> None:
    middle: Callable[[str], float] = lambda name: statistics.median(one[name] for one in rounds)  # noqa: E731
    print(
        f"\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
    )
    print("| # | what | raw sandbox | ours | ratio |\n|---|---|---|---|---|")
    print(
        f"| B1 | run latency c=1, p50 ms | {middle('raw p50'):.1f} | {middle('p50'):.1f} | {middle('p50') / middle('raw p50'):.2f} |"
    )
    print(
        f"| B1 | run latency c=1, p99 ms | {middle('raw p99'):.1f} | {middle('p99'):.1f} | {middle('p99') / middle('raw p99'):.2f} |"
    )
    print(
        f"| B2 | per second, c={WIDTH} | {middle('raw/s'):.1f} | {middle('runs/s'):.1f} | {middle('runs/s') / middle('raw/s'):.2f} |"
    )
    print(
        f"| B3 | c={WIDTH}, p50 / p99 ms | | {middle('c64 p50'):.0f} / {middle('c64 p99'):.0f} | {middle('c64 p99') / middle('c64 p50'):.2f} |"
    )
    for path, (scripts, styles, requests) in weights.items():
        print(f"| B13 | {path}, gzip KB | | JavaScript {scripts:.0f}, CSS {styles:.0f}, {requests} requests | |")
    print(f"| B16 | idle memory, PSS MiB, {WARM} warm sandboxes | | {sum(memory.values()):.0f} | |")
    print(
        f"| B17 | first start of a built installation / later start to first 200, s | | {first:.1f} / {second:.1f} | |"
    )
    print(
        "\nMemory by process: "
        + ", ".join(f"{name} {size:.0f}" for name, size in sorted(memory.items(), key=lambda one: -one[1]))
    )
    print("Rounds: " + "; ".join(", ".join(f"{name} {value:.1f}" for name, value in one.items()) for one in rounds))


if __name__ == "__main__":
    main()
