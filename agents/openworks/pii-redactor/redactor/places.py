"""Where an offset lies: line and column, and in a CSV the cell and its column's name."""

import csv
import re
from array import array
from bisect import bisect_right
from collections import Counter

DELIMITERS = (",", ";", "\t", "|")
SNIFF_CHARACTERS = 32 * 1024
NEAR_CHARACTERS = 48
MARKS = re.compile(r"[_.-]+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Lines:
    """Line and column of an offset, both from 1."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = array("Q", [0])
        self._starts.extend(found.end() for found in re.finditer(r"\r\n|\n|\r", text))

    @property
    def count(self) -> int:
        return len(self._starts) - (1 if self._starts[-1] == len(self._text) and len(self._starts) > 1 else 0)

    def place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def near(self, offset: int) -> str:
        """Lower-case text before the offset on its line."""
        start = self._starts[bisect_right(self._starts, offset) - 1]
        return self._text[max(start, offset - NEAR_CHARACTERS) : offset].lower()


class Cells:
    """The cells of a CSV by offset; the first row gives the column names."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._text = text
        self._starts = array("Q", [0])
        self._columns = array("I", [0])
        self._first_row_end = len(text)
        self._scan(delimiter)
        first = bisect_right(self._starts, self._first_row_end - 1) if self._first_row_end else 1
        ends = [*self._starts[1:first], self._first_row_end + 1]
        self.header = [(start, end - 1) for start, end in zip(self._starts[:first], ends, strict=True)]

    def cell(self, offset: int) -> int:
        """Number of the cell, counted through the whole text."""
        return bisect_right(self._starts, offset) - 1

    def column(self, offset: int) -> int:
        return self._columns[self.cell(offset)]

    def in_header(self, offset: int) -> bool:
        return offset < self._first_row_end

    def near(self, offset: int) -> str:
        """The column's name as words, then the text before the offset in its cell, in lower case."""
        start = self._starts[self.cell(offset)]
        before = self._text[max(start, offset - NEAR_CHARACTERS) : offset].lower().lstrip('"')
        column = self.column(offset)
        if self.in_header(offset) or column >= len(self.header):
            return before
        return f"{self._words(column)} {before}".strip()

    def _words(self, column: int) -> str:
        start, end = self.header[column]
        return MARKS.sub(" ", CAMEL.sub(" ", self._text[start:end].strip('" \r\n'))).lower()

    def _scan(self, delimiter: str) -> None:
        token = re.compile(rf'"[^"]*(?:""[^"]*)*"|\r\n|\n|\r|{re.escape(delimiter)}')
        column, at_start = 0, 0
        for found in token.finditer(self._text):
            mark = found.group()
            if mark[0] == '"':
                continue
            if mark == delimiter:
                column += 1
            else:
                column = 0
                self._first_row_end = min(self._first_row_end, found.start())
            at_start = found.end()
            self._starts.append(at_start)
            self._columns.append(column)


def find_delimiter(text: str, *, strict: bool) -> str | None:
    """The delimiter of a CSV, or None when the text is not one. `strict` wants every row to be as wide as the others."""
    head = text[:SNIFF_CHARACTERS].lstrip("\ufeff")
    if head.lstrip()[:1] in {"{", "[", "<"}:
        return None
    lines = head.splitlines(keepends=True)
    if len(text) > SNIFF_CHARACTERS:
        lines = lines[:-1]
    for delimiter in DELIMITERS:
        widths = _widths(lines, delimiter)
        if widths.total() < (3 if strict else 2):
            continue
        width, rows = widths.most_common(1)[0]
        if width > 1 and rows >= (1.0 if strict else 0.9) * widths.total():
            return delimiter
    return None


def _widths(lines: list[str], delimiter: str) -> Counter[int]:
    try:
        return Counter(
            len(row) for row in csv.reader((line.replace("\x00", "") for line in lines), delimiter=delimiter) if row
        )
    except csv.Error:
        return Counter()
