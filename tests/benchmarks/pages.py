"""B13: bytes of public pages. B16: idle memory. B17: start of a built installation."""

import time

from tests.benchmarks.product import Product
from tests.benchmarks.tables import say
from tests.benchmarks.weights import page_weights

PAGES = ("/", "/agents", "/agents/openworks/data-profiler", "/sign-in")
IDLE_SECONDS = 20


def measure(product: Product) -> None:
    product.stop()
    again = product.start()
    time.sleep(IDLE_SECONDS)
    memory = product.memory_mib()
    weights = page_weights(f"http://localhost:{product.port}", PAGES)
    by_size = ", ".join(f"{name} {size:.0f}" for name, size in sorted(memory.items(), key=lambda one: -one[1]))
    say(
        ("#", "what", "figure"),
        [
            *(
                ("B13", f"`{path}`, gzip", f"JavaScript {scripts:.0f} KB, CSS {styles:.0f} KB, {requests} requests")
                for path, (scripts, styles, requests) in weights.items()
            ),
            ("B16", "idle memory, PSS", f"{sum(memory.values()):.0f} MiB ({by_size})"),
            ("B17", "start of a built installation to the first 200", f"{again:.1f} s"),
        ],
    )
