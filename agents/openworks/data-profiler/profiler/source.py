"""From bytes to a filled table, whatever the format."""

import io
import itertools
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from profiler.delimited import DelimitedRows
from profiler.encoding import detect, open_text
from profiler.json_rows import JsonRows
from profiler.limits import Unreadable
from profiler.table import Table
from profiler.values import may_be_number, read_number, tidy
from profiler.workbook import WorkbookRows

IN_MEMORY_BYTES = 8 * 1024 * 1024
COPY_BYTES = 256 * 1024
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, UnicodeError)


@dataclass
class Source:
    table: Table
    format: str
    encoding: str = ""
    notes: list[str] = field(default_factory=list)


def read_table(
    stream: BinaryIO, *, header: bool = True, most: int = 0, tell: Callable[[int], None] = lambda _: None
) -> Source:
    """The table in `stream`, told apart by its first bytes. Raises: Unreadable, with what to do."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as copy:
        while chunk := stream.read(COPY_BYTES):
            copy.write(chunk)
        copy.seek(0)
        head = copy.read(4096)
        if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
            raise Unreadable("The file is empty. Give a file with at least a header row.")
        try:
            return (
                _read_workbook(copy, header, most, tell) if head[:2] == b"PK" else _read_text(copy, header, most, tell)
            )
        except DAMAGED as error:
            raise Unreadable(f"The file is damaged: {error}. Save it again and upload the new copy.") from error


def _read_workbook(copy: BinaryIO, header: bool, most: int, tell: Callable[[int], None]) -> Source:
    rows = WorkbookRows(copy)
    source = Source(_fill(iter(rows), header, most, tell), rows.format)
    source.table.ragged = 0  # a workbook leaves empty cells out; that is no damage
    if rows.other_sheets:
        source.notes.append(f"Only the first sheet was read. Not read: {', '.join(rows.other_sheets[:10])}.")
    return source


def _read_text(copy: BinaryIO, header: bool, most: int, tell: Callable[[int], None]) -> Source:
    head = copy.seek(0) or copy.read(4096)
    _refuse_binary(head)
    encoding = detect(copy)
    text = open_text(copy, encoding)
    try:
        start = text.read(4096).lstrip("\ufeff \t\r\n")[:1]
        text.seek(0)
        source = _read_json(text, most, tell) if start in {"[", "{"} else _read_delimited(text, header, most, tell)
    finally:
        text.detach()
    source.encoding = encoding.label
    if encoding.broken_bytes:
        source.notes.append(f"{encoding.broken_bytes:,} bytes are not valid UTF-8 and were replaced by \ufffd.")
    return source


def _read_json(text: io.TextIOWrapper, most: int, tell: Callable[[int], None]) -> Source:
    rows = JsonRows(text)
    table = Table()
    table.fill(iter(rows), width=0, most=most, tell=tell)
    table.ragged = 0  # objects may leave keys out; that is no damage
    table.close(rows.names)
    if not table.columns:
        raise Unreadable("The JSON holds no objects. Give an array of objects or one object per line.")
    return Source(table, rows.format)


def _read_delimited(text: io.TextIOWrapper, header: bool, most: int, tell: Callable[[int], None]) -> Source:
    rows = DelimitedRows(text)
    return Source(_fill(iter(rows), header, most, tell), "tsv" if rows.delimiter == "\t" else rows.format)


def _fill(rows: Iterator[list[str]], header: bool, most: int, tell: Callable[[int], None]) -> Table:
    first = next(rows, None)
    if first is None:
        raise Unreadable("The file holds no rows. Give a file with at least a header row.")
    while first and not tidy(first[-1]):
        first.pop()
    names = [tidy(cell) for cell in first] if header else []
    table = Table()
    table.fill(rows if header else itertools.chain([first], rows), width=len(first), most=most, tell=tell)
    table.close(names)
    return table


def header_looks_like_values(table: Table) -> bool:
    """True when every column name is a number: the file probably has no header row."""
    names = [column.name for column in table.columns]
    return bool(names) and all(may_be_number(name) and read_number(name, comma=False) for name in names)


def _refuse_binary(head: bytes) -> None:
    signs = {b"%PDF": "a PDF", b"\xd0\xcf\x11\xe0": "an old .xls workbook", b"\x1f\x8b": "a gzip archive", b"\x89PNG": "a picture",
             b"PAR1": "a Parquet file", b"SQLi": "a database"}  # fmt: skip
    if kind := signs.get(head[:4]) or signs.get(head[:2]):
        raise Unreadable(f"The file is {kind}. Give a CSV, TSV, JSON or .xlsx file.")
