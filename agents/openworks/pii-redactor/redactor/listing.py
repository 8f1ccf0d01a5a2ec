"""The rows of output: where each finding lies and what replaced it; never what it was."""

from collections.abc import Iterator
from typing import Any

from redactor.candidate import Candidate
from redactor.document import printable
from redactor.places import Cells, Lines

NAME_CHARACTERS = 60


def column_names(text: str, cells: Cells, found: list[Candidate]) -> list[str]:
    """Names from the first row; plain numbers when it holds personal data itself, as in a file without a header."""
    if any(cells.in_header(one.start) for one in found):
        return [f"column {number}" for number in range(1, len(cells.header) + 1)]
    names = [" ".join(printable(text[start:end]).strip('" ').split())[:NAME_CHARACTERS] for start, end in cells.header]
    return [name or f"column {number}" for number, name in enumerate(names, start=1)]


def list_findings(
    found: list[Candidate], masked: list[str], lines: Lines, *, cells: Cells | None, names: list[str]
) -> Iterator[dict[str, Any]]:
    """One row per finding; in a CSV with the name of its column."""
    for one, new in zip(found, masked, strict=True):
        line, column = lines.place(one.start)
        row = {
            "kind": one.kind,
            "place": f"{line}:{column}",
            "line": line,
            "masked": printable(new),
            "confidence": one.confidence,
        }
        if cells:
            number = cells.column(one.start)
            row["field"] = names[number] if number < len(names) else f"column {number + 1}"
            row["place"] += f" ({row['field']})"
        yield row
