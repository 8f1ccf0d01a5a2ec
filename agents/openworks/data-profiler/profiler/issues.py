"""What a careful reader would want to know about a column before using it; one sentence each."""

import re
from collections.abc import Callable

from profiler.figures import Figures, rounded
from profiler.kinds import Reading
from profiler.values import FORMULA_STARTS, may_be_number, neutralise

MOJIBAKE = re.compile(r"Ã[\u0080-\u00bf©¨¤¶¼±³¡­]|â€[™œ“\u009d]|Â[ °§£\u00a0]")
LEADING_ZERO = re.compile(r"0\d+")
SPREADSHEET_ERROR = re.compile(r"#(?:REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!)")


def find_issues(
    reading: Reading,
    filled: dict[str, int],
    tokens: dict[str, int],
    *,
    rows: int,
    trimmed: int,
    figures: Figures | None,
) -> list[str]:
    """Sentences, the most telling first; empty when nothing is wrong. `filled` and `tokens` count tidy values."""
    found = _emptiness(filled, tokens, rows)
    found += _misfits(reading, filled)
    found += reading.notes
    if figures and figures.outliers:
        found.append(
            f"{_cells(figures.outliers, 'is', 'are')} outside {rounded(figures.low_fence, 6):,} to {rounded(figures.high_fence, 6):,} (outliers)."
        )
    if reading.type == "text":
        found += _text_issues(filled)
    if trimmed:
        found.append(f"{_cells(trimmed, 'has', 'have')} blanks around the value.")
    return found


def _emptiness(filled: dict[str, int], tokens: dict[str, int], rows: int) -> list[str]:
    found = []
    cells = sum(filled.values())
    if rows and not cells:
        found.append("Every cell is empty.")
    elif rows and cells < rows / 2:
        found.append(f"{100 * (rows - cells) / rows:.0f} % of the cells are empty.")
    if len(filled) == 1 and cells == rows and rows > 1:
        found.append("All cells hold the same value.")
    if tokens:
        words = ", ".join(sorted(tokens)[:5])
        found.append(
            f"{_cells(sum(tokens.values()), 'says', 'say')} that there is no value ({words}); counted as empty."
        )
    return found


def _misfits(reading: Reading, filled: dict[str, int]) -> list[str]:
    if not reading.misfits:
        return []
    count = sum(filled[value] for value in reading.misfits)
    shown = ", ".join(repr(value[:30]) for value in reading.misfits[:3])
    kind = {"integer": "a number", "number": "a number", "date": "a date", "datetime": "a date"}[reading.type]
    return [f"{_cells(count, 'is', 'are')} not {kind}: {shown}."]


def _text_issues(filled: dict[str, int]) -> list[str]:
    found = []
    if count := _count(filled, lambda value: value.startswith(FORMULA_STARTS) and neutralise(value) != value):
        found.append(
            f"{_cells(count, 'starts', 'start')} like a spreadsheet formula; made harmless in the cleaned file."
        )
    if count := _count(filled, lambda value: bool(MOJIBAKE.search(value)) or "\ufffd" in value):
        found.append(f"{_cells(count, 'has', 'have')} broken letters from a wrong encoding.")
    if count := _count(filled, lambda value: value[0] == "#" and bool(SPREADSHEET_ERROR.fullmatch(value))):
        found.append(f"{_cells(count, 'holds', 'hold')} a spreadsheet error.")
    if groups := _spellings(filled):
        shown = " / ".join(sorted(groups[0])[:3])
        are = "1 value is" if len(groups) == 1 else f"{len(groups):,} values are"
        found.append(f"{are} spelt in more than one way, such as {shown[:90]}.")
    zeros = _count(filled, lambda value: bool(LEADING_ZERO.fullmatch(value)))
    digits = _count(filled, lambda value: may_be_number(value) and value.isdecimal())
    if digits and digits >= 0.9 * sum(filled.values()):
        reason = "leading zeros" if zeros else "more digits than a number keeps"
        found.append(f"Codes with {reason}; kept as text.")
    return found


def _spellings(filled: dict[str, int]) -> list[list[str]]:
    if len(filled) > 20_000:
        return []
    groups: dict[str, list[str]] = {}
    for value in filled:
        groups.setdefault(" ".join(value.casefold().split()), []).append(value)
    return [group for group in groups.values() if len(group) > 1]


def _count(filled: dict[str, int], is_such: Callable[[str], bool]) -> int:
    return sum(count for value, count in filled.items() if is_such(value))


def _cells(count: int, one: str, many: str) -> str:
    return f"1 cell {one}" if count == 1 else f"{count:,} cells {many}"
