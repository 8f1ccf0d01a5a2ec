"""How the bytes of a text file become characters."""

import codecs
import io
from dataclasses import dataclass
from typing import BinaryIO

CHUNK_BYTES = 256 * 1024
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Encoding:
    codec: str
    broken_bytes: int = 0

    @property
    def label(self) -> str:
        return {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "cp1252": "Windows-1252"}.get(self.codec, self.codec.upper())


def detect(source: BinaryIO) -> Encoding:
    """The most likely encoding; `source` stands at its start again."""
    source.seek(0)
    head = source.read(4096)
    source.seek(0)
    for mark, codec in MARKS:
        if head.startswith(mark):
            return Encoding(codec)
    if head and head.count(0) > len(head) // 4:
        return Encoding("utf-16-le" if head[1:2] == b"\x00" else "utf-16-be")
    broken, multibyte = _count_sequences(source)
    source.seek(0)
    if broken > multibyte:
        return Encoding("cp1252")
    return Encoding("utf-8", broken)


def open_text(source: BinaryIO, encoding: Encoding) -> io.TextIOWrapper:
    """A reader of characters over `source`; broken bytes become U+FFFD, line ends stay as they are."""
    source.seek(0)
    return io.TextIOWrapper(source, encoding=encoding.codec, errors="replace", newline="")


def _count_sequences(source: BinaryIO) -> tuple[int, int]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    broken = multibyte = 0
    while chunk := source.read(CHUNK_BYTES):
        text = decoder.decode(chunk)
        if text.isascii():
            continue
        replaced = text.count("\ufffd")
        broken += replaced
        multibyte += sum(1 for letter in text if letter > "\x7f") - replaced
    broken += decoder.decode(b"", final=True).count("\ufffd")
    return broken, multibyte
