"""`make bench`, or `python -m tests.benchmarks NAME ...`: figures beside the raw limit of the same minutes, as tables for docs/benchmarks.md."""

import os
import sys
from collections.abc import Callable

from tests.benchmarks import directory, dispatch, fairness, held, pages, runs, vitals
from tests.benchmarks.product import Product
from tests.benchmarks.tables import say_machine

BENCHMARKS: dict[str, Callable[[Product], None]] = {
    "pages": pages.measure,
    "vitals": vitals.measure,
    "runs": runs.measure,
    "fairness": fairness.measure,
    "dispatch": dispatch.measure,
    "held": held.measure,
    "waiting": held.measure_waiting,
    "directory": directory.measure,
}
USUAL = ("pages", "runs", "fairness", "dispatch")


def main(names: list[str]) -> None:
    product = Product(
        int(os.environ.get("PORT", "3000")),
        int(os.environ.get("AP_WARM_SANDBOXES", "16")),
        AP_EGRESS_LOOPBACK_PORTS=str(held.SLOW_PORT),
    )
    try:
        product.start()
        product.wait_until_seeded()
        product.use_here()
        for name in names or USUAL:
            say_machine()
            BENCHMARKS[name](product)
    finally:
        product.stop()
        product.remove()


if __name__ == "__main__":
    main(sys.argv[1:])
