"""Lines of an uploaded log: plain or gzip, UTF-8 or UTF-16, never more at once than one line."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

MAX_LINE_CHARACTERS = 64 * 1024
MAX_CHARACTERS = 1024 * 1024 * 1024
FOREIGN = {b"%PDF": "a PDF", b"PK\x03\x04": "a ZIP file", b"BZh": "a bzip2 archive", b"\xfd7zX": "an xz archive",
           b"\x28\xb5\x2f\xfd": "a zstd archive", b"\x89PNG": "a picture"}  # fmt: skip


class NotALog(Exception):
    """The bytes are no text; the message says what they are and what to do."""


class Lines:
    """Iterates over the lines without their ends; `count` is how many came so far. Raises: NotALog."""

    def __init__(self, source: BinaryIO) -> None:
        self.count = 0
        self._buffer = io.BufferedReader(source, 256 * 1024)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[str]:
        try:
            yield from self._read(self._text())
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise NotALog(f"The gzip archive is damaged after line {self.count:,}. Pack it again.") from error

    def _text(self) -> io.TextIOWrapper:
        head = self._buffer.peek(4)[:4]
        for sign, kind in FOREIGN.items():
            if head.startswith(sign):
                raise NotALog(f"The file is {kind}. Give plain text or gzip.")
        raw = self._buffer
        if head[:2] == b"\x1f\x8b":
            raw = io.BufferedReader(gzip.GzipFile(fileobj=self._buffer), 256 * 1024)
            head = raw.peek(4)[:4]
        codec = "utf-16" if head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8-sig"
        return io.TextIOWrapper(raw, encoding=codec, errors="replace")

    def _read(self, text: io.TextIOWrapper) -> Iterator[str]:
        characters = 0
        while line := text.readline(MAX_LINE_CHARACTERS):
            self.count += 1
            characters += len(line)
            if characters > MAX_CHARACTERS:
                raise NotALog("The log unpacks to more than 1 GB. Cut it to the hours in question.")
            yield line
