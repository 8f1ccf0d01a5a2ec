"""The text to be masked: decoded so that every byte outside the findings can be written back unchanged."""

import codecs
from dataclasses import dataclass

UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
FOREIGN = {
    b"%PDF": "a PDF", b"PK\x03\x04": "a ZIP or Office file", b"\x1f\x8b": "a gzip archive", b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"PAR1": "a Parquet file", b"SQLite": "a database",
}  # fmt: skip


class NotText(Exception):
    """The bytes are not text; the message says what they are and what to do."""


@dataclass(frozen=True)
class Document:
    text: str
    codec: str
    errors: str
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        return self.mark + text.encode(self.codec, self.errors)


def read_document(content: bytes) -> Document:
    """UTF-8 with any broken bytes kept, or UTF-16 with a mark. Raises: NotText."""
    for sign, kind in FOREIGN.items():
        if content.startswith(sign):
            raise NotText(f"The file is {kind}. Give text or CSV; save the document as one of them first.")
    for mark, codec in UTF16:
        if content.startswith(mark):
            return Document(
                content[2:].decode(codec, "surrogatepass" if len(content) % 2 == 0 else "replace"),
                codec,
                "surrogatepass",
                mark,
            )
    if b"\x00" in content[:4096]:
        raise NotText("The file is not text. Give text or CSV in UTF-8 or UTF-16.")
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    return Document(content[len(mark) :].decode("utf-8", "surrogateescape"), "utf-8", "surrogateescape", mark)


def printable(text: str) -> str:
    """The text without characters that only exist to keep broken bytes."""
    return text.encode("utf-8", "replace").decode()
