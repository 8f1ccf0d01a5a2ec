"""Streaming readers for the XML parts of a workbook; any document type or entity declaration is refused."""

from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from profiler.limits import MAX_COLUMNS, Unreadable

READ_BYTES = 64 * 1024


def parse(source: BinaryIO, on_start: Callable, on_end: Callable, on_text: Callable) -> Iterator[None]:
    """Feeds `source` to the three callbacks (names without namespace prefix); yields after each piece."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: on_start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: on_end(name.rpartition(":")[2])
    parser.CharacterDataHandler = on_text
    # Entities are how a small file becomes a huge one; workbooks never need them.
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.EntityDeclHandler = _refuse_declaration
    try:
        while piece := source.read(READ_BYTES):
            parser.Parse(piece, False)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise Unreadable(
            f"A part of the workbook is damaged: {error}. Save it again and upload the new copy."
        ) from error


def _refuse_declaration(*_: object) -> None:
    raise Unreadable(
        "The workbook declares a document type or entities, which no spreadsheet program writes. It was not read."
    )


def parse_all(source: BinaryIO, on_start: Callable, on_end: Callable, on_text: Callable) -> None:
    for _ in parse(source, on_start, on_end, on_text):
        pass


class SharedStrings:
    """Collects the texts of `sharedStrings.xml` in order; phonetic hints are left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._collecting = False
        self._phonetic = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._phonetic = True
        elif name == "t":
            self._collecting = not self._phonetic

    def end(self, name: str) -> None:
        if name == "t":
            self._collecting = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.texts.append("".join(self._pieces))

    def text(self, text: str) -> None:
        if self._collecting:
            self._pieces.append(text)


class SheetCells:
    """Turns the events of one sheet into rows; `render(kind, style, text)` gives a cell its text."""

    def __init__(self, render: Callable[[str, str, str], str]) -> None:
        self.rows: list[list[str]] = []
        self._render = render
        self._row: list[str] = []
        self._column = 0
        self._kind = ""
        self._style = ""
        self._pieces: list[str] = []
        self._collecting = False
        self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference = attributes.get("r")
            if reference:
                self._column = column_number(reference)
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._pieces = []
        elif name == "v" or (name == "t" and not self._phonetic):
            self._collecting = True
        elif name == "rPh":
            self._phonetic = True
        elif name == "row":
            self._row, self._column = [], 0

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._collecting = False
        elif name == "c":
            self._store()
        elif name == "rPh":
            self._phonetic = False
        elif name == "row" and any(self._row):
            self.rows.append(self._row)

    def text(self, text: str) -> None:
        if self._collecting:
            self._pieces.append(text)

    def _store(self) -> None:
        if self._pieces:
            if self._column >= MAX_COLUMNS:
                raise Unreadable(f"The sheet uses more than {MAX_COLUMNS:,} columns.")
            missing = self._column - len(self._row)
            self._row.extend([""] * (missing + 1))
            self._row[self._column] = self._render(self._kind, self._style, "".join(self._pieces))
        self._column += 1


def column_number(reference: str) -> int:
    """Zero-based column of a cell reference: B7 is 1."""
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + (ord(letter.upper()) - 64)
    return number - 1
