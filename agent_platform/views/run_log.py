"""Log lines as text. What an agent wrote is shown, never obeyed."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from agent_platform.services import runs
from agent_platform.views.format import clock_text, plain_text
from agent_platform.views.parts import LogLine

KEPT_LINES = 500
AT_LEAST = {"all": 0, "warn": 2, "error": 3}
LEVELS = ("debug", "info", "warn", "error")
MOST_CHARACTERS = 2_000


def log_lines(lines: Iterable[runs.LogLine], *, zone: tzinfo, level: str = "all", find: str = "") -> list[LogLine]:
    """The lines of at least this level that have the words, in order, at most the last 500."""
    least, wanted = AT_LEAST.get(level, 0), find.casefold()
    kept = [line for line in lines if rank_of(line.level) >= least and (not wanted or wanted in line.text.casefold())]
    return [_line(line, zone) for line in kept[-KEPT_LINES:]]


def rank_of(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 1


def log_text(line: runs.LogLine) -> str:
    """One line of the downloaded log, times in UTC as the sandbox wrote them."""
    return f"{plain_text(line.at)} {line.level.upper():5} {plain_text(line.text)}\n"


def _line(line: runs.LogLine, zone: tzinfo) -> LogLine:
    level = LEVELS[rank_of(line.level)].upper()
    source = f"try {line.attempt}" if line.attempt > 1 else ""
    return LogLine(_time(line.at, zone), level, source, plain_text(line.text[:MOST_CHARACTERS]), line.seq)


def _time(at: str, zone: tzinfo) -> str:
    try:
        return clock_text(datetime.fromisoformat(at), zone)
    except ValueError:
        return plain_text(at)[:12]
