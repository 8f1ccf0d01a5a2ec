"""Rows of a text file with delimiters: comma, semicolon, tab or bar."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from profiler.limits import MAX_CELL_CHARACTERS, MAX_COLUMNS, Unreadable

DELIMITERS = (",", ";", "\t", "|")
SNIFF_CHARACTERS = 64 * 1024
SNIFF_ROWS = 200


class DelimitedRows:
    """Iterates over the rows as lists of cells; lines without any text are left out."""

    format = "csv"

    def __init__(self, text: TextIO) -> None:
        head = text.read(SNIFF_CHARACTERS)
        announced = head[4:5] if head[:4].lower() == "sep=" and head[5:6] in "\r\n" else ""
        self.delimiter = announced or sniff_delimiter(head)
        text.seek(0)
        self._text = text
        self._skip_first = bool(announced)

    def __iter__(self) -> Iterator[list[str]]:
        csv.field_size_limit(MAX_CELL_CHARACTERS)
        rows = csv.reader((line.replace("\x00", "") for line in self._text), delimiter=self.delimiter)
        try:
            for number, row in enumerate(rows):
                if len(row) > MAX_COLUMNS:
                    raise Unreadable(f"Line {rows.line_num:,} has {len(row):,} cells; {MAX_COLUMNS:,} are the limit.")
                if any(row) and not (number == 0 and self._skip_first):
                    yield row
        except csv.Error as error:
            raise Unreadable(
                f"The file cannot be read past line {rows.line_num:,} ({error}). Look for a quote that is never closed."
            ) from error


def sniff_delimiter(head: str) -> str:
    """The delimiter that splits the first lines into the most even rows; a comma when none does."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        score = _evenness(head, delimiter)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _evenness(head: str, delimiter: str) -> float:
    lines = head.splitlines(keepends=True)
    if len(head) >= SNIFF_CHARACTERS and len(lines) > 1:
        lines.pop()
    widths = Counter()
    try:
        for row in csv.reader((line.replace("\x00", "") for line in lines[:SNIFF_ROWS]), delimiter=delimiter):
            if any(row):
                widths[len(row)] += 1
    except csv.Error:
        return 0.0
    if not widths:
        return 0.0
    width, rows = widths.most_common(1)[0]
    return 0.0 if width < 2 else rows / widths.total() + min(width, 50) / 1000
