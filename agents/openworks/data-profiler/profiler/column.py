"""What is known about one column once all its cells are read."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from profiler.figures import Figures, figures, histogram, rounded
from profiler.issues import find_issues
from profiler.kinds import Reading, read_kind
from profiler.limits import EXAMPLE_CHARACTERS
from profiler.table import Column
from profiler.values import null_tokens, tidy

TOP_VALUES = 5
EXAMPLES = 3


@dataclass
class Profile:
    """`cleaned` has the cleaned text for each place in the column's `values`."""

    name: str
    reading: Reading
    rows: int
    nulls: int
    counted: dict[str, int]
    figures: Figures | None
    bins: list[tuple[float, float, int]]
    cleaned: list[str]
    issues: list[str]

    def item(self) -> dict[str, Any]:
        """The row of output for this column."""
        low, high = self._range()
        numbers = self.figures
        return {
            "column": self.name,
            "type": self.reading.type,
            "rows": self.rows,
            "nulls": self.nulls,
            "null_share": round(self.nulls / self.rows, 4) if self.rows else 0,
            "distinct": len(self.counted),
            "min": low,
            "max": high,
            "mean": rounded(numbers.mean) if numbers else None,
            "median": rounded(numbers.median) if numbers else None,
            "p95": rounded(numbers.p95) if numbers else None,
            "outliers": numbers.outliers if numbers else 0,
            "top_values": [{"value": shorten(value), "count": count} for value, count in self.top()],
            "examples": [shorten(value) for value in list(self.counted)[:EXAMPLES]],
            "issues": self.issues,
        }

    def top(self, most: int = TOP_VALUES) -> list[tuple[str, int]]:
        return Counter(self.counted).most_common(most)

    def _range(self) -> tuple[Any, Any]:
        if self.figures:
            return rounded(self.figures.minimum), rounded(self.figures.maximum)
        if self.reading.type in {"date", "datetime"}:
            misfits = set(self.reading.misfits)
            moments = sorted(self.reading.clean.get(value, value) for value in self.counted if value not in misfits)
            return (moments[0], moments[-1]) if moments else (None, None)
        return None, None


def profile_column(column: Column) -> Profile:
    """The profile of a closed column."""
    by_code = Counter(column.codes)
    tidied = [tidy(value) for value in column.values]
    counted: Counter[str] = Counter()
    for code, value in enumerate(tidied):
        counted[value] += by_code[code]
    tokens = null_tokens(list(counted))
    filled = {value: count for value, count in counted.items() if value and value not in tokens}
    reading = read_kind(filled)
    numbers = [(measure, filled[value]) for value, measure in reading.measures.items()]
    rows = len(column.codes)
    found = figures(numbers) if numbers else None
    trimmed = sum(by_code[code] for code, value in enumerate(column.values) if value != tidied[code] and tidied[code])
    return Profile(
        name=column.name,
        reading=reading,
        rows=rows,
        nulls=rows - sum(filled.values()),
        counted=filled,
        figures=found,
        bins=histogram(numbers) if numbers else [],
        cleaned=["" if value in tokens else reading.clean.get(value, value) for value in tidied],
        issues=find_issues(
            reading, filled, {token: counted[token] for token in tokens}, rows=rows, trimmed=trimmed, figures=found
        ),
    )


def shorten(text: str) -> str:
    """One line of at most 80 characters."""
    line = " ".join(text[: 4 * EXAMPLE_CHARACTERS].split())
    return line if len(line) <= EXAMPLE_CHARACTERS else f"{line[: EXAMPLE_CHARACTERS - 1]}…"
