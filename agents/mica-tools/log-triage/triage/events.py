"""From lines to events: one per log entry, with the lines of its stack trace folded in."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from triage.levels import KLOG, level_of_status, level_of_value, read_level
from triage.masking import mask_path
from triage.timestamps import Clock, read_moment

MAX_MESSAGE = 2_000
MAX_FOLDED = 60
TIME_KEYS = ("time", "timestamp", "@timestamp", "ts", "date", "datetime", "asctime", "t")
LEVEL_KEYS = ("level", "severity", "lvl", "levelname", "loglevel", "log.level")
MESSAGE_KEYS = ("msg", "message", "log", "event", "text", "MESSAGE")
CAUSE_KEYS = ("error", "err", "exception", "exc_info", "stack", "stack_trace")

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
COMPOSE = re.compile(r"[\w.-]{1,40} +\| ")
LOGFMT = re.compile(r"([A-Za-z_@.]+)=(\"(?:[^\"\\]|\\.)*\"|\S*)")
REQUEST = re.compile(r"\"([A-Z]{3,8}) (\S+) HTTP/[\d.]+\" (\d{3}) ")
SYSLOG_HEAD = re.compile(r"[\w.-]+ ([\w./-]+)\[\d+\]: ")
FOLLOWS = re.compile(
    r"\s+\S|Caused by: |\.\.\. \d+ (?:more|common)|Suppressed: |\s*at |During handling of|The above exception|[})\]]"
)
THROWN = re.compile(
    r"(?:Caused by: |Uncaught |Exception in thread \"[^\"]*\" )?((?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*(?:Error|Exception|Failure|Fault|Exit|Interrupt|Timeout|Refused))(?::|\s*$)"
)


class Event(NamedTuple):
    """`level` is empty where the words of the message decide; `fixed` is the template where it is known (access logs)."""

    at: float | None
    level: str
    message: str
    example: str
    fixed: str | None = None


class _Entry:
    """The entry that is being collected."""

    __slots__ = ("at", "first", "folded", "is_trace", "line")

    def __init__(self, line: str, at: float | None, first: str) -> None:
        self.line = line
        self.at = at
        self.first = first
        self.folded: list[str] = []
        self.is_trace = first.startswith("Traceback (most recent call last)")


def read_events(lines: Iterable[str], clock: Clock) -> Iterator[Event]:
    """Events in the order of the lines; a line without a timestamp belongs to the one before when most lines have one."""
    entry: _Entry | None = None
    stamped = total = 0
    for raw in lines:
        line = _plain(raw)
        if not line:
            continue
        if line[0] == "{" and (event := _from_json(line, clock)):
            if entry:
                yield _finish(entry)
                entry = None
            yield event
            continue
        found = clock.read(line)
        if entry and not found and (FOLLOWS.match(line) or _names_the_cause(entry, line, stamped)):
            _fold(entry, line)
            continue
        total += 1
        stamped += bool(found)
        if entry and not found and stamped * 2 >= total:
            _fold(entry, line)
            continue
        if entry:
            yield _finish(entry)
        entry = _Entry(line, found[0] if found else None, _without(line, found))
    if entry:
        yield _finish(entry)


def _plain(raw: str) -> str:
    line = raw.rstrip()
    if "\x1b" in line:
        line = ANSI.sub("", line)
    if "|" in line[:48] and (found := COMPOSE.match(line)):
        line = line[found.end() :]
    return line


def _without(line: str, found: tuple[float, int, int] | None) -> str:
    if not found:
        return line[:MAX_MESSAGE]
    return (line[: found[1]] + line[found[2] :]).strip(" :-\t")[:MAX_MESSAGE]


def _names_the_cause(entry: _Entry, line: str, stamped: int) -> bool:
    """An exception at the line's beginning: part of a stamped entry, or the end of a Python trace, once."""
    if not THROWN.match(line):
        return False
    return bool(stamped) or (entry.is_trace and not (entry.folded and THROWN.match(entry.folded[-1])))


def _fold(entry: _Entry, line: str) -> None:
    if len(entry.folded) < MAX_FOLDED:
        entry.folded.append(line[:500])
    else:
        entry.folded[-1] = line[:500]  # the last line of a Python trace says what happened


def _finish(entry: _Entry) -> Event:
    example = "\n".join([entry.line[:MAX_MESSAGE], *entry.folded])
    if " HTTP/" in entry.line and (request := REQUEST.search(entry.line)):
        fixed = f"{request[1]} {mask_path(request[2])} {request[3]}"
        return Event(entry.at, level_of_status(int(request[3])), entry.first, example, fixed)
    message, level = _read_text(entry)
    cause = _cause(entry.folded)
    if cause and entry.is_trace:
        return Event(entry.at, "error", cause, example)
    if cause:
        thrown = cause.partition(":")[0]
        message = message if thrown in message else f"{message} | {thrown}"
        level = level or read_level(entry.first)
        level = "error" if level == "unknown" else level
    return Event(entry.at, level, message, example)


def _read_text(entry: _Entry) -> tuple[str, str]:
    message = entry.first
    if "level=" in message[:200] or "lvl=" in message[:200]:
        fields = {key: value.strip('"') for key, value in LOGFMT.findall(message)}
        text = next((fields[key] for key in MESSAGE_KEYS if fields.get(key)), "")
        if text:
            cause = fields.get("error") or fields.get("err") or ""
            level = level_of_value(fields.get("level") or fields.get("lvl"))
            return (f"{text}: {cause}" if cause else text), level
    if entry.at is not None:
        if "]: " in message and (head := SYSLOG_HEAD.match(message)):
            message = f"{head[1]}: {message[head.end() :]}"
        elif entry.line[0] in KLOG and entry.line[1:5].isdecimal():
            return message, KLOG[entry.line[0]]
    return message, ""


def _cause(folded: list[str]) -> str:
    """The last exception of a folded trace: the root cause in Java, the one raised in Python."""
    return next(
        (found.string[found.start(1) :] for line in reversed(folded) if (found := THROWN.match(line.strip()))), ""
    )


def _from_json(line: str, clock: Clock) -> Event | None:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    at = next((moment for key in TIME_KEYS if (moment := read_moment(fields.get(key), clock)) is not None), None)
    text = next((str(fields[key]) for key in MESSAGE_KEYS if fields.get(key)), "")
    level = next((level_of_value(fields[key]) for key in LEVEL_KEYS if key in fields), "")
    cause = next((_describe(fields[key]) for key in CAUSE_KEYS if fields.get(key)), "")
    message = " ".join((text or line).split())
    if cause and cause not in message:
        message = f"{message} | {cause}"
    if level == "unknown":
        level = ""
    return Event(at, level, message[:MAX_MESSAGE], line[:MAX_MESSAGE])


def _describe(value: Any) -> str:
    if isinstance(value, dict):
        name = next((str(value[key]) for key in ("type", "name", "class", "code") if value.get(key)), "")
        text = next((str(value[key]) for key in ("message", "msg") if value.get(key)), "")
        value = f"{name}: {text}" if name and text else name or text
    lines = str(value).strip().splitlines()
    thrown = next((line for line in reversed(lines) if THROWN.match(line.strip())), lines[0] if lines else "")
    return thrown.strip()[:300]
