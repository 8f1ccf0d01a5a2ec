"""Rows of the first visible sheet of an Excel workbook (.xlsx), read without any foreign library.

Source: ECMA-376 part 1 (SpreadsheetML), sections 18.3 (sheets), 18.4 (shared strings), 18.8.30 (number formats).
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import BinaryIO

from profiler.limits import MAX_WORKBOOK_BYTES, MAX_WORKBOOK_PARTS, Unreadable
from profiler.sheet_xml import SharedStrings, SheetCells, parse, parse_all

DATE_FORMAT_IDS = frozenset({*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)})
QUOTED_OR_BRACKETED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
LAST_DAY = 2_958_465  # 9999-12-31, the last day Excel can show


class WorkbookRows:
    """Iterates over the rows of the first visible sheet as lists of cells; formulas give their stored result."""

    format = "xlsx"

    def __init__(self, source: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(source)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise Unreadable("The workbook is damaged or not an .xlsx file. Save it again as .xlsx.") from error
        self._refuse_bombs()
        self._date1904 = False
        self.sheets = self._list_sheets()
        self.other_sheets = [name for name, _ in self.sheets[1:]]

    def __iter__(self) -> Iterator[list[str]]:
        self._strings = self._read_strings()
        self._date_styles = self._read_date_styles()
        cells = SheetCells(self._render)
        with self._open(self.sheets[0][1]) as part:
            for _ in parse(part, cells.start, cells.end, cells.text):
                yield from cells.rows
                cells.rows.clear()

    def _refuse_bombs(self) -> None:
        parts = self._zip.infolist()
        if len(parts) > MAX_WORKBOOK_PARTS or sum(part.file_size for part in parts) > MAX_WORKBOOK_BYTES:
            raise Unreadable("The workbook unpacks to more than 300 MB. Save the one sheet you need as CSV.")
        if any(part.flag_bits & 1 for part in parts):
            raise Unreadable("The workbook is protected with a password. Save a copy without one.")

    def _open(self, name: str) -> BinaryIO:
        try:
            return self._zip.open(name)
        except KeyError as error:
            raise Unreadable(f"The workbook has no part {name}. Save it again as .xlsx.") from error

    def _list_sheets(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        targets = self._read_targets()

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr":
                self._date1904 = attributes.get("date1904") in {"1", "true"}
            elif name == "sheet" and attributes.get("state", "visible") == "visible":
                relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                if relation in targets:
                    found.append((attributes.get("name", ""), targets[relation]))

        with self._open("xl/workbook.xml") as part:
            parse_all(part, start, _ignore, _ignore)
        if not found:
            raise Unreadable("The workbook has no visible sheet.")
        return found

    def _read_targets(self) -> dict[str, str]:
        targets: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "")
                path = PurePosixPath(target.lstrip("/")) if target.startswith("/") else PurePosixPath("xl") / target
                targets[attributes.get("Id", "")] = str(path)

        with self._open("xl/_rels/workbook.xml.rels") as part:
            parse_all(part, start, _ignore, _ignore)
        return targets

    def _read_strings(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self._zip.namelist():
            return []
        strings = SharedStrings()
        with self._open("xl/sharedStrings.xml") as part:
            parse_all(part, strings.start, strings.end, strings.text)
        return strings.texts

    def _read_date_styles(self) -> frozenset[str]:
        if "xl/styles.xml" not in self._zip.namelist():
            return frozenset()
        dates = set(DATE_FORMAT_IDS)
        styles: list[int] = []
        inside_cell_formats = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside_cell_formats
            if name == "numFmt" and _shows_a_date(attributes.get("formatCode", "")):
                dates.add(int(attributes.get("numFmtId", "0")))
            elif name == "cellXfs":
                inside_cell_formats = True
            elif name == "xf" and inside_cell_formats:
                styles.append(int(attributes.get("numFmtId", "0")))

        def end(name: str) -> None:
            nonlocal inside_cell_formats
            if name == "cellXfs":
                inside_cell_formats = False

        with self._open("xl/styles.xml") as part:
            parse_all(part, start, end, _ignore)
        return frozenset(str(place) for place, format_id in enumerate(styles) if format_id in dates)

    def _render(self, kind: str, style: str, text: str) -> str:
        if kind == "s":
            place = int(text) if text.isdecimal() else -1
            return self._strings[place] if 0 <= place < len(self._strings) else ""
        if kind == "b":
            return "true" if text == "1" else "false"
        if kind == "n":
            return self._render_number(style, text)
        return text

    def _render_number(self, style: str, text: str) -> str:
        try:
            number = float(text)
        except ValueError:
            return text
        if style in self._date_styles and 0 <= number <= LAST_DAY:
            return serial_to_iso(number, date1904=self._date1904)
        # Excel keeps 15 digits; the rest of the binary fraction is noise (0.30000000000000004).
        return f"{number:.15g}" if abs(number) < 1e15 else text


def serial_to_iso(serial: float, *, date1904: bool = False) -> str:
    """ISO text of an Excel day number; a fraction without days is a time of day."""
    if serial < 1 and not date1904:
        moment = datetime(1900, 1, 1) + timedelta(seconds=round(serial * 86_400))
        return moment.strftime("%H:%M:%S")
    if date1904:
        start = datetime(1904, 1, 1)
    else:
        # Excel counts a 29 February 1900 that never was: days before it are one later.
        start = datetime(1899, 12, 31) if serial < 60 else datetime(1899, 12, 30)
    try:
        moment = start + timedelta(days=int(serial), seconds=round(serial % 1 * 86_400))
    except OverflowError:
        return f"{serial:.15g}"
    return moment.date().isoformat() if serial == int(serial) else moment.isoformat(sep=" ")


def _shows_a_date(code: str) -> bool:
    plain = QUOTED_OR_BRACKETED.sub("", code.split(";", maxsplit=1)[0]).lower()
    return "general" not in plain and any(letter in plain for letter in "ymdhs")


def _ignore(*_: object) -> None:
    pass
