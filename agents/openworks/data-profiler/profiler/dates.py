"""Dates and times in the notations people use, turned into ISO 8601."""

import re
from dataclasses import dataclass

MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
MONTH_DAYS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

TIME = r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)? ?(?P<half>[AaPp][Mm])?" \
       r" ?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"  # fmt: skip
YEAR_FIRST = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})" + TIME)
YEAR_LAST = re.compile(r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_part>\d{1,2})(?P=mark)(?P<year>\d{4})" + TIME)
DAY_NAME_YEAR = re.compile(r"(?P<day>\d{1,2})\.?[ -](?P<name>[A-Za-z]{3,9})\.?[ ,-]+(?P<year>\d{4})" + TIME)
NAME_DAY_YEAR = re.compile(r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})" + TIME)


@dataclass(frozen=True, slots=True)
class Moment:
    iso: str
    with_time: bool
    order: str = ""  # "day" or "month": which must come first; "either" when both readings are dates
    swapped_iso: str = ""  # the month-first reading, when it exists


def may_be_date(cell: str) -> bool:
    return 8 <= len(cell) <= 40 and sum(letter.isdigit() for letter in cell) >= 5


def read_date(cell: str) -> Moment | None:
    """The moment a cell shows, or None; `03/04/2024` gives both readings."""
    if found := YEAR_FIRST.fullmatch(cell):
        return _moment(found, int(found["month"]), int(found["day"]))
    if found := YEAR_LAST.fullmatch(cell):
        return _year_last(found)
    found = DAY_NAME_YEAR.fullmatch(cell) or NAME_DAY_YEAR.fullmatch(cell)
    if found and (month := MONTHS.get(found["name"].lower())):
        return _moment(found, month, int(found["day"]))
    return None


def choose_order(moments: dict[str, tuple[Moment, int]]) -> str:
    """Which part comes first in a column: "day", "month", or "" when nothing tells; by weight when they disagree."""
    weights = {"day": 0, "month": 0}
    for cell, (moment, count) in moments.items():
        if moment.order in weights:
            weights[moment.order] += count
        elif moment.order == "either" and "." in cell[:6]:  # dots are written where the day comes first
            weights["day"] += count
    if weights["day"] == weights["month"]:
        return "day" if weights["day"] else ""
    return "day" if weights["day"] > weights["month"] else "month"


def _year_last(found: re.Match[str]) -> Moment | None:
    first, second = int(found["first"]), int(found["second_part"])
    day_first, month_first = _moment(found, second, first), _moment(found, first, second)
    if day_first and month_first:
        if first == second:
            return day_first
        return Moment(day_first.iso, day_first.with_time, "either", month_first.iso)
    if day_first:
        return Moment(day_first.iso, day_first.with_time, "day")
    if month_first:
        return Moment(month_first.iso, month_first.with_time, "month", month_first.iso)
    return None


def _moment(found: re.Match[str], month: int, day: int) -> Moment | None:
    year = int(found["year"])
    if not year >= 1000 or not 1 <= month <= 12 or not 1 <= day <= MONTH_DAYS[month]:
        return None
    if month == 2 and day == 29 and (year % 4 or (year % 100 == 0 and year % 400)):
        return None
    time = _time(found)
    if time is None:
        return None
    return Moment(f"{year:04}-{month:02}-{day:02}{time}", bool(time))


def _time(found: re.Match[str]) -> str | None:
    if not found["hour"]:
        return ""
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    if half := (found["half"] or "").lower():
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = f".{found['fraction']}" if found["fraction"] else ""
    return f"T{hour:02}:{minute:02}:{second:02}{fraction}{_zone(found['zone'])}"


def _zone(zone: str | None) -> str:
    if not zone:
        return ""
    if zone in {"Z", "UTC", "GMT"}:
        return "Z"
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
