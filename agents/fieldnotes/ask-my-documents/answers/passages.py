"""Passages: paragraphs with the lines they stand on and the heading above them."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from answers.reading import Document

SHORT_WORDS, LONG_WORDS = 15, 130
MOST_CELLS = 60
SENTENCE_END = re.compile(r"(?<=[.!?])[\"'\u201d)]?\s+(?=[\"'\u201c(\w])")


@dataclass(frozen=True)
class Passage:
    """`text` is what stands there; `indexed` what is searched. `unit` is line or paragraph."""

    document: str
    first: int
    last: int
    heading: str
    text: str
    indexed: str
    unit: str = "line"

    @property
    def place(self) -> str:
        return f"{self.unit} {self.first}" if self.first == self.last else f"{self.unit}s {self.first}\N{EN DASH}{self.last}"


def split(document: Document) -> list[Passage]:
    return list(_rows(document) if document.is_table else _paragraphs(document))


def _rows(document: Document) -> Iterator[Passage]:
    """A row of a table is a passage; its cells are searched with the names of their columns."""
    dialect = max(",;\t|", key=document.lines[0].count) if document.lines else ","
    names = _cells(document.lines[0], dialect) if document.lines else []
    for number, line in enumerate(document.lines[1:], start=2):
        if line.strip():
            cells = _cells(line, dialect)
            named = "; ".join(f"{name}: {cell}" for name, cell in zip(names, cells) if cell.strip())
            yield Passage(document.name, number, number, "", named or line, f"{named} {line}", document.unit)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])[:MOST_CELLS]
    except csv.Error:
        return line.split(delimiter)[:MOST_CELLS]


def _paragraphs(document: Document) -> Iterator[Passage]:
    heading, kept, first = "", [], 1
    for number, line in enumerate(document.lines, start=1):
        title, is_rule = _title(line), _is_rule(line)
        if title or is_rule or not line.strip():
            if kept and (title or is_rule or _words(kept) >= SHORT_WORDS):
                yield from _passage(document, first, kept, heading)
                kept = []
            elif kept:
                kept.append(line)  # a short paragraph is read with the next
            heading = title or heading
        else:
            if not kept:
                first = number
            kept.append(line)
            if _words(kept) >= LONG_WORDS:
                yield from _passage(document, first, kept, heading)
                kept = []
    if kept:
        yield from _passage(document, first, kept, heading)


def _title(line: str) -> str:
    """The text of a Markdown heading; empty for any other line."""
    text = line[:300].strip()
    level = len(text) - len(text.lstrip("#"))
    return text[level:].strip().rstrip("#").strip()[:200] if 1 <= level <= 6 and text[level : level + 1].isspace() else ""


def _is_rule(line: str) -> bool:
    text = line[:200].strip()
    return len(text) >= 3 and (not text.strip("-") or not text.strip("="))


def _passage(document: Document, first: int, lines: list[str], heading: str) -> Iterator[Passage]:
    """One passage, or several where a single line is longer than a passage should be."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    if len(lines) == 1 and _words(lines) > LONG_WORDS:
        for piece in _pieces(lines[0]):
            yield Passage(document.name, first, first, heading, piece, f"{heading} {piece}", document.unit)
    elif lines:
        text = "\n".join(lines)
        yield Passage(document.name, first, first + len(lines) - 1, heading, text, f"{heading} {text}", document.unit)


def _pieces(line: str) -> Iterator[str]:
    """Whole sentences together, up to the length of a passage; what has no sentences is cut by words."""
    kept: list[str] = []
    count = 0
    for sentence in SENTENCE_END.split(line):
        words = sentence.split()
        for at in range(0, len(words), LONG_WORDS):
            piece = words[at : at + LONG_WORDS]
            if count and count + len(piece) > LONG_WORDS:
                yield " ".join(kept)
                kept, count = [], 0
            kept += piece
            count += len(piece)
    if kept:
        yield " ".join(kept)


def _words(lines: list[str]) -> int:
    return sum(line.count(" ") + 1 for line in lines)
