"""The cleaned copy of a table, and which of its rows repeat an earlier one."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from profiler.column import Profile
from profiler.table import Table
from profiler.values import neutralise

FLUSH_ROWS = 5_000


def unique_rows(table: Table, profiles: list[Profile]) -> Iterator[int]:
    """Places of the rows that, once cleaned, equal no earlier row."""
    codes = [_merged_codes(profile) for profile in profiles]
    places = [column.codes for column in table.columns]
    seen: dict[int, int] = {}

    def cells(row: int) -> tuple[int, ...]:
        return tuple([merged[place[row]] for merged, place in zip(codes, places, strict=True)])

    for row in range(table.rows):
        own = cells(row)
        first = seen.setdefault(hash(own), row)
        # Equal hashes are checked: a row is dropped only when it really is the same.
        if first == row or cells(first) != own:
            yield row


def count_unique(table: Table, profiles: list[Profile]) -> int:
    return sum(1 for _ in unique_rows(table, profiles))


def write_cleaned(table: Table, profiles: list[Profile], target: BinaryIO) -> int:
    """The cleaned table is in `target` as UTF-8 CSV, each row once. Returns the number of rows written."""
    columns = [
        (column.codes, [neutralise(text) for text in profile.cleaned])
        for column, profile in zip(table.columns, profiles, strict=True)
    ]
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([neutralise(column.name) for column in table.columns])
    written = 0
    for row in unique_rows(table, profiles):
        writer.writerow([cleaned[codes[row]] for codes, cleaned in columns])
        written += 1
    text.flush()
    text.detach()
    target.seek(0)
    return written


def _merged_codes(profile: Profile) -> list[int]:
    first: dict[str, int] = {}
    return [first.setdefault(text, code) for code, text in enumerate(profile.cleaned)]
