"""Points in time at the beginning of log lines, as seconds since 1970 UTC."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

MONTHS = {
    name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}
KNOWN_SECONDS = 20_000
Found = tuple[float, int, int]  # seconds since 1970, where the timestamp begins and ends in the line

ISO = re.compile(
    r"(?:<\d{1,3}>\d? ?)?[\[(]?(\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?( ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?[\])]?"
)
SYSLOG = re.compile(r"(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2}) ")
ACCESS = re.compile(r"\[(\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] ?")
APACHE = re.compile(r"\[[A-Z][a-z]{2} ([A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))? (\d{4})\] ?")
EPOCH = re.compile(r"\[?(1\d{9})(?:\.(\d{1,9})|(\d{3}))?\]?(?=[ \t\]:])")
KLOG = re.compile(r"[IWEF](\d{4} \d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?")


class Clock:
    """Reads timestamps of many notations; the one that worked last is tried first. Times without a zone count as UTC.

    `now` settles the year where a notation has none: the latest year that does not lie in the future.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._known: dict[str, float] = {}
        self._readers: list[Callable[[str], Found | None]] = [
            self._iso, self._access, self._syslog, self._epoch, self._apache, self._klog,
        ]  # fmt: skip

    def read(self, line: str) -> Found | None:
        for place, reader in enumerate(self._readers):
            found = reader(line)
            if found:
                if place:
                    self._readers.insert(0, self._readers.pop(place))
                return found
        return None

    def _iso(self, line: str) -> Found | None:
        found = ISO.match(line)
        return found and self._result(found, found[1] + (found[3] or ""), found[2], _read_iso)

    def _access(self, line: str) -> Found | None:
        found = ACCESS.search(line, 0, 200)
        return found and self._result(found, found[1], None, _read_access)

    def _syslog(self, line: str) -> Found | None:
        found = SYSLOG.match(line)
        return found and self._result(found, found[1], None, self._read_without_year)

    def _epoch(self, line: str) -> Found | None:
        found = EPOCH.match(line)
        return found and self._result(found, found[1], found[2] or found[3], float)

    def _apache(self, line: str) -> Found | None:
        found = APACHE.match(line)
        return found and self._result(found, f"{found[1]} {found[3]}", found[2], _read_apache)

    def _klog(self, line: str) -> Found | None:
        found = KLOG.match(line)
        return found and self._result(found, found[1], found[2], self._read_klog)

    def _result(
        self, found: re.Match[str], text: str, fraction: str | None, read: Callable[[str], float]
    ) -> Found | None:
        # Thousands of lines share a second: each second is worked out once.
        seconds = self._known.get(text)
        if seconds is None:
            try:
                seconds = read(text)
            except (ValueError, KeyError, OverflowError):
                return None
            if len(self._known) >= KNOWN_SECONDS:
                self._known.clear()
            self._known[text] = seconds
        return (seconds + float(f"0.{fraction}") if fraction else seconds), found.start(), found.end()

    def _read_without_year(self, text: str) -> float:
        return self._latest(MONTHS[text[:3]], int(text[4:6]), text[7:])

    def _read_klog(self, text: str) -> float:
        return self._latest(int(text[:2]), int(text[2:4]), text[5:])

    def _latest(self, month: int, day: int, time: str) -> float:
        hour, minute, second = (int(part) for part in time.split(":"))
        for year in range(self._now.year, self._now.year - 5, -1):
            try:
                moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            except ValueError:  # 29 February in a common year
                continue
            if moment <= self._now + timedelta(days=1):
                return moment.timestamp()
        raise ValueError(text_of(month, day))


def text_of(month: int, day: int) -> str:
    return f"no recent year has day {day} of month {month}"


def read_moment(value: object, clock: Clock) -> float | None:
    """Seconds of a timestamp in a field: ISO text, or a number of seconds, milli-, micro- or nanoseconds."""
    if isinstance(value, str):
        found = clock.read(f"{value} ")
        return found[0] if found else None
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        seconds = float(value)
        while seconds > 1e11:
            seconds /= 1000
        return seconds if seconds > 1e8 else None
    return None


def _read_iso(text: str) -> float:
    moment = datetime(
        int(text[0:4]),
        int(text[5:7]),
        int(text[8:10]),
        int(text[11:13]),
        int(text[14:16]),
        min(int(text[17:19]), 59),
        tzinfo=UTC,
    )
    zone = text[19:].strip()
    return moment.timestamp() - (_offset(zone) if zone and zone not in {"Z", "UTC"} else 0)


def _read_access(text: str) -> float:
    moment = datetime(
        int(text[7:11]), MONTHS[text[3:6]], int(text[0:2]), int(text[12:14]), int(text[15:17]), int(text[18:20]),
        tzinfo=timezone(timedelta(seconds=_offset(text[21:]))),
    )  # fmt: skip
    return moment.timestamp()


def _read_apache(text: str) -> float:
    hour, minute, second = (int(part) for part in text[7:15].split(":"))
    return datetime(int(text[16:]), MONTHS[text[:3]], int(text[4:6]), hour, minute, second, tzinfo=UTC).timestamp()


def _offset(zone: str) -> int:
    digits = zone[1:].replace(":", "")
    return (-1 if zone[0] == "-" else 1) * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)
