"""The whole table in memory: each different cell of a column once, and four bytes per cell that say which."""

from array import array
from collections.abc import Callable, Iterable

from profiler.limits import TABLE_BUDGET_BYTES, TooLarge

CHECK_ROWS = 2_000
# Measured on CPython 3.11: string header, dictionary slot and number per different value; its letters come on top.
BYTES_PER_VALUE = 170
BYTES_PER_ROW = 110


class Column:
    """`values` are the different raw cells in order of appearance; `codes` has one place in it per row."""

    __slots__ = ("codes", "lookup", "name", "values")

    def __init__(self, rows_so_far: int) -> None:
        self.name = ""
        self.lookup: dict[str, int] = {}
        self.codes = array("I")
        self.values: list[str] = []
        if rows_so_far:
            self.lookup[""] = 0
            self.codes.extend([0] * rows_so_far)

    def close(self) -> None:
        self.values = list(self.lookup)
        self.lookup = {}


class Table:
    """Filled by `fill`; afterwards every column has `rows` codes and a name of its own."""

    def __init__(self, budget_bytes: int = TABLE_BUDGET_BYTES) -> None:
        self.columns: list[Column] = []
        self.rows = 0
        self.ragged = 0
        self._budget_bytes = budget_bytes
        self._expected_width = 0
        self._characters = 0

    def fill(
        self, rows: Iterable[list[str]], *, width: int, most: int = 0, tell: Callable[[int], None] = lambda _: None
    ) -> None:
        """All rows (or the first `most`) are stored; short rows end with empty cells, long ones add columns."""
        self._widen(width)
        self._expected_width = width
        for row in rows:
            if most and self.rows >= most:
                break
            self._add(row)
            if self.rows % CHECK_ROWS == 0:
                self._check_budget()
                tell(self.rows)
        self._check_budget()

    def close(self, names: list[str]) -> None:
        """No more rows; columns are named, and named apart when the file repeats a name."""
        for column, name in zip(self.columns, distinct_names(names, len(self.columns)), strict=True):
            column.name = name
            column.close()

    def _add(self, row: list[str]) -> None:
        columns = self.columns
        if len(row) != self._expected_width:
            self.ragged += 1
        if len(row) != len(columns):
            if len(row) > len(columns):
                self._widen(len(row))
            else:
                row = row + [""] * (len(columns) - len(row))
        for column, cell in zip(columns, row, strict=True):
            lookup = column.lookup
            column.codes.append(lookup.setdefault(cell, len(lookup)))
        self._characters += sum(map(len, row))
        self.rows += 1

    def _widen(self, width: int) -> None:
        self.columns.extend(Column(self.rows) for _ in range(width - len(self.columns)))

    def _check_budget(self) -> None:
        values = sum(len(column.lookup) for column in self.columns)
        cells = self.rows * len(self.columns)
        needed = values * BYTES_PER_VALUE + min(self._characters, values * 200) + cells * 4 + self.rows * BYTES_PER_ROW
        if needed > self._budget_bytes:
            fitting = max(self.rows // 10_000 * 9_000, 1_000)
            raise TooLarge(
                f"The table does not fit into 512 MB; {self.rows:,} rows were read. Set Sample rows to {fitting:,}.",
                rows=self.rows,
            )


def distinct_names(names: list[str], width: int) -> list[str]:
    """`width` names: blank ones become column_3, repeated ones get _2, _3."""
    taken: set[str] = set()
    found: list[str] = []
    for place in range(width):
        base = " ".join((names[place] if place < len(names) else "").split())[:200] or f"column_{place + 1}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        found.append(name)
    return found
