"""Figures over counted values: each value is given once, with how often it occurs."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Figures:
    minimum: float
    maximum: float
    mean: float
    median: float
    p95: float
    low_fence: float
    high_fence: float
    outliers: int


def figures(counted: Sequence[tuple[float, int]]) -> Figures:
    """Figures of the values; outliers lie more than 1.5 interquartile ranges outside the quartiles (Tukey's fences)."""
    ordered = sorted(counted)
    ends = list(accumulate(count for _, count in ordered))
    first, third = quantile(ordered, ends, 0.25), quantile(ordered, ends, 0.75)
    reach = 1.5 * (third - first)
    low, high = first - reach, third + reach
    outliers = sum(count for value, count in ordered if value < low or value > high) if reach > 0 else 0
    return Figures(
        minimum=ordered[0][0],
        maximum=ordered[-1][0],
        mean=math.fsum(value * count for value, count in ordered) / ends[-1],
        median=quantile(ordered, ends, 0.5),
        p95=quantile(ordered, ends, 0.95),
        low_fence=low,
        high_fence=high,
        outliers=outliers,
    )


def quantile(ordered: Sequence[tuple[float, int]], ends: Sequence[int], share: float) -> float:
    """The value at `share` of the way through, between two neighbours in proportion (R's type 7)."""
    position = (ends[-1] - 1) * share
    below = math.floor(position)
    low = ordered[bisect_right(ends, below)][0]
    if below == position:
        return low
    high = ordered[bisect_right(ends, below + 1)][0]
    return low + (high - low) * (position - below)


def histogram(counted: Sequence[tuple[float, int]], bins: int = 20) -> list[tuple[float, float, int]]:
    """(from, to, count) of equally wide bins; a single value gives a single bin."""
    low, high = min(value for value, _ in counted), max(value for value, _ in counted)
    width = (high - low) / bins
    if width <= 0 or not math.isfinite(width):
        return [(low, high, sum(count for _, count in counted))]
    counts = [0] * bins
    for value, count in counted:
        counts[min(int((value - low) / width), bins - 1)] += count
    return [(low + place * width, low + (place + 1) * width, count) for place, count in enumerate(counts)]


def rounded(value: float, digits: int = 10) -> float | int:
    """At most `digits` significant digits; whole numbers are never cut and have no fraction."""
    value = float(value)
    short = value if value.is_integer() else float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
