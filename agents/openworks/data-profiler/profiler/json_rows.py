"""Rows of a JSON file: an array of objects, one object per line, or an object that holds such an array."""

import json
from collections.abc import Iterator
from typing import Any, TextIO

from profiler.limits import MAX_COLUMNS, Unreadable

READ_CHARACTERS = 256 * 1024
MAX_VALUE_CHARACTERS = 16 * 1024 * 1024
BLANK = " \t\r\n\ufeff"


class JsonRows:
    """Iterates over the objects as lists of cells; `names` grows while it does."""

    format = "json"

    def __init__(self, text: TextIO) -> None:
        self.names: list[str] = []
        self._places: dict[str, int] = {}
        self._stream = _Values(text)

    def __iter__(self) -> Iterator[list[str]]:
        for value in self._stream:
            if isinstance(value, dict) and not self._stream.in_array and (rows := _only_array(value)) is not None:
                for row in rows:
                    yield self._cells(row)
            else:
                yield self._cells(value)

    def _cells(self, value: Any) -> list[str]:
        cells = [""] * len(self.names)
        for name, cell in _flatten(value).items():
            place = self._places.get(name)
            if place is None:
                place = self._add(name)
                cells.append("")
            cells[place] = cell
        return cells

    def _add(self, name: str) -> int:
        if len(self.names) >= MAX_COLUMNS:
            raise Unreadable(f"The objects have more than {MAX_COLUMNS:,} different keys.")
        self._places[name] = len(self.names)
        self.names.append(name)
        return self._places[name]


class _Values:
    """Top-level values one by one, or the members of a top-level array; never the whole file in memory."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._count = 0
        self.in_array = False
        # Numbers stay text: no digit of an amount or a long id is lost.
        self._decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)

    def __iter__(self) -> Iterator[Any]:
        self.in_array = self._peek() == "["
        if self.in_array:
            self._at += 1
        while (letter := self._peek()) and not (self.in_array and letter == "]"):
            if self.in_array and letter == ",":
                self._at += 1
                continue
            yield self._next()

    def _peek(self) -> str:
        while True:
            while self._at < len(self._buffer):
                letter = self._buffer[self._at]
                if letter not in BLANK:
                    return letter
                self._at += 1
            if not self._fill():
                return ""

    def _fill(self) -> bool:
        if self._ended:
            return False
        # Doubling keeps the work linear when one value spans many reads.
        more = self._text.read(max(READ_CHARACTERS, len(self._buffer) - self._at))
        self._ended = not more
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
        return bool(more)

    def _next(self) -> Any:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except RecursionError as error:
                raise Unreadable(f"JSON value {self._count + 1:,} is nested too deeply to read.") from error
            except json.JSONDecodeError as error:
                self._read_on(error)
                continue
            if end == len(self._buffer) and self._fill():  # a number at the edge may go on
                continue
            self._at = end
            self._count += 1
            return value

    def _read_on(self, error: json.JSONDecodeError) -> None:
        if len(self._buffer) - self._at > MAX_VALUE_CHARACTERS:
            raise Unreadable(f"JSON value {self._count + 1:,} is larger than 16 MB or not closed.") from error
        if not self._fill():
            raise Unreadable(f"JSON value {self._count + 1:,} is not valid: {error.msg}.") from error


def _only_array(value: dict[str, Any]) -> list[Any] | None:
    arrays = [
        member for member in value.values() if isinstance(member, list) and member and isinstance(member[0], dict)
    ]
    return arrays[0] if len(arrays) == 1 else None


def _flatten(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        return {f"column_{place}": _as_text(cell) for place, cell in enumerate(value, start=1)}
    if not isinstance(value, dict):
        return {"value": _as_text(value)}
    cells: dict[str, str] = {}
    for name, member in value.items():
        if isinstance(member, dict) and member:
            cells.update({f"{name}.{inner}": _as_text(cell) for inner, cell in member.items()})
        else:
            cells[str(name)] = _as_text(member)
    return cells


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # Half a surrogate pair is legal in JSON and cannot be written to any file.
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
