"""What every table of figures says about its machine, and how figures are summed up."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime


def say_machine() -> None:
    load = os.getloadavg()[0]
    print(f"\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.machine()}, {os.cpu_count()} cores, load {load:.1f}\n")


def say(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def differences(before: dict[str, float], after: dict[str, float], number: int) -> str:
    """Per run and process, the largest first."""
    used = {name: (after[name] - before.get(name, 0.0)) / number for name in after}
    parts = [f"{name} {ms:.1f}" for name, ms in sorted(used.items(), key=lambda one: -one[1]) if ms >= 0.05]
    return f"{sum(used.values()):.1f} (" + ", ".join(parts) + ")"
